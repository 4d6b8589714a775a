import { ECSClient } from "@aws-sdk/client-ecs";
import { createDockerLauncher } from "../../src/embedded/docker-launcher.ts";
import { startEmbeddedCloud } from "../../src/embedded/start-cloud.ts";
import { fleetContract } from "../contract/fleet-contract.ts";
import type { FleetCloud } from "../contract/fleet-lab.ts";
import { fleetDeviations } from "./deviations.ts";
import { describeWithEngine, requireEngine } from "./engine.ts";
import { credentials, describeWithMinistack, region, requireMinistack } from "./ministack.ts";

async function openEmbedded(): Promise<FleetCloud> {
  const { contractImage, gateway } = requireEngine();
  const cloud = await startEmbeddedCloud({ launcher: createDockerLauncher({ hostAddress: gateway }) });
  const client = new ECSClient({ endpoint: cloud.endpoint, region: cloud.region, credentials: cloud.credentials });
  return {
    client,
    image: contractImage,
    subnets: ["subnet-local"],
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await cloud[Symbol.asyncDispose]();
    },
  };
}

async function openMinistack(): Promise<FleetCloud> {
  const client = new ECSClient({ endpoint: requireMinistack(), region, credentials });
  return {
    client,
    image: requireEngine().contractImage,
    subnets: ["subnet-12345678"],
    [Symbol.asyncDispose]: async () => {
      client.destroy();
    },
  };
}

describeWithEngine("ECS that starts containers", () => {
  fleetContract("the embedded cloud with Docker", openEmbedded);
});

describeWithMinistack("ministack's ECS", () => {
  fleetContract("ministack", openMinistack, fleetDeviations);
});
