import { createDockerLauncher } from "../../src/embedded/docker-launcher.ts";
import { startEmbeddedCloud } from "../../src/embedded/start-cloud.ts";
import { containerFlows } from "./container-flows.ts";
import type { ContainerCloud } from "./container-flows.ts";
import { describeWithEngine, requireEngine } from "./engine.ts";
import { credentials, describeWithMinistack, region, requireMinistack } from "./ministack.ts";

async function openEmbedded(): Promise<ContainerCloud> {
  const { gateway } = requireEngine();
  const cloud = await startEmbeddedCloud({ launcher: createDockerLauncher({ hostAddress: gateway }) });
  return { ...cloud, taskLabel: "cloudburst.task" };
}

async function openMinistack(): Promise<ContainerCloud> {
  const taskLabel = "com.amazonaws.ecs.task-arn";
  const endpoint = requireMinistack();
  const environment = {
    AWS_REGION: region,
    // What it offers instead stands behind a host name that the SDK does not take credentials from.
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
  return { endpoint, region, credentials, environment, taskLabel, [Symbol.asyncDispose]: async () => undefined };
}

describeWithEngine("workers in Docker", () => {
  containerFlows("the embedded cloud", openEmbedded);
});

describeWithMinistack("workers of an emulator by others", () => {
  containerFlows("ministack", openMinistack);
});
