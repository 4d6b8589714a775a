import { fileURLToPath } from "node:url";
import { ECSClient } from "@aws-sdk/client-ecs";
import { createProcessLauncher } from "../../src/embedded/process-launcher.ts";
import { startEmbeddedCloud } from "../../src/embedded/start-cloud.ts";
import { fleetContract } from "./fleet-contract.ts";
import type { FleetCloud } from "./fleet-lab.ts";

const workerFile = fileURLToPath(new URL("../embedded/fixtures/container.mjs", import.meta.url));

async function openEmbedded(): Promise<FleetCloud> {
  const cloud = await startEmbeddedCloud({ launcher: createProcessLauncher({ workerFile }) });
  const { endpoint, region, credentials } = cloud;
  const client = new ECSClient({ endpoint, region, credentials });
  return {
    client,
    image: "local",
    subnets: ["subnet-local"],
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await cloud[Symbol.asyncDispose]();
    },
  };
}

fleetContract("the embedded cloud", openEmbedded);
