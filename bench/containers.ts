/** The worker's image and its start, where `npm run bench` found a Docker engine. */
import { spawn } from "node:child_process";
import { arch } from "node:process";
import { createGzip } from "node:zlib";
import { CreateClusterCommand } from "@aws-sdk/client-ecs";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { createRequestCounter } from "../src/aws/request-counter.ts";
import { closeClusterClients, openClusterClients } from "../src/cluster/cluster-clients.ts";
import type { EmbeddedCloud } from "../src/embedded/cloud.ts";
import { runDocker } from "../src/embedded/docker-command.ts";
import { createDockerLauncher } from "../src/embedded/docker-launcher.ts";
import { startEmbeddedCloud } from "../src/embedded/start-cloud.ts";
import { FargateExecutor } from "../src/index.ts";
import { oneCall } from "./flows.ts";
import type { Figures } from "./measure.ts";

/** Set by scripts/docker-engine.sh and scripts/container-images.sh. */
export const hasEngine = process.env["CLOUDBURST_DOCKER"] !== undefined;
const image = process.env["CLOUDBURST_WORKER_IMAGE"] ?? "";
const baseImage = process.env["CLOUDBURST_BASE_IMAGE"] ?? "";
const gateway = process.env["CLOUDBURST_DOCKER_GATEWAY"] ?? "";
const place = { bucket: "bench", ecsCluster: "bench" };

export async function workerImage(): Promise<Figures> {
  const bytes = await imageBytes(image);
  return { bytes, compressedBytes: await compressedBytes(image), addedBytes: bytes - (await imageBytes(baseImage)) };
}

async function imageBytes(name: string): Promise<number> {
  return Number((await runDocker(["image", "inspect", "--format", "{{.Size}}", name])).stdout);
}

/** As a registry would keep it and a pull would bring it, but for headers. */
async function compressedBytes(name: string): Promise<number> {
  const { stdout } = spawn("docker", ["image", "save", name], { stdio: ["ignore", "pipe", "inherit"] });
  let bytes = 0;
  for await (const chunk of stdout.pipe(createGzip())) bytes += (chunk as Buffer).length;
  return bytes;
}

/** From `RunTask` to the worker's hello. */
export async function containerStart(): Promise<Figures> {
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  await using cloud = await startEmbeddedCloud({ launcher: createDockerLauncher({ hostAddress: gateway }) });
  await preparePlace(cloud);
  const { endpoint, region, credentials } = cloud;
  const executor = new FargateExecutor({
    clusterClass: "FargateCluster",
    clusterKwargs: {
      ...{ endpoint, region, credentials, ...place, subnets: ["subnet-0123456789abcdef0"] },
      ...{ image, architecture: arch === "arm64" ? "ARM64" : "X86_64", cpu: 1024, memory: 2048, nWorkers: 1 },
    },
  });
  let helloMs = NaN;
  await oneCall.run({
    executor,
    onEvent: (event) => {
      if (event.type === "executor" && event.event.kind === "worker-joined") helloMs = event.event.startupMs;
    },
  });
  return { helloMs };
}

async function preparePlace({ endpoint, region, credentials }: EmbeddedCloud): Promise<void> {
  const clients = openClusterClients({ endpoint, region, credentials }, createRequestCounter());
  await clients.s3.send(new CreateBucketCommand({ Bucket: place.bucket }));
  await clients.ecs.send(new CreateClusterCommand({ clusterName: place.ecsCluster, capacityProviders: ["FARGATE"] }));
  closeClusterClients(clients);
}
