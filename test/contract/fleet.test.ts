import { fileURLToPath } from "node:url";
import { ECSClient } from "@aws-sdk/client-ecs";
import { createProcessLauncher } from "../../src/embedded/process-launcher.ts";
import { startEmbeddedCloud } from "../../src/embedded/start-cloud.ts";
import { contractEndpoint, emulator, readDeviations } from "./contract-endpoint.ts";
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

/** An emulator's image holds the fixture as its entry point. */
async function openEmulator(endpoint: string): Promise<FleetCloud> {
  const { region, credentials } = emulator;
  const client = new ECSClient({ endpoint, region, credentials });
  return {
    client,
    image: process.env["CLOUDBURST_CONTRACT_IMAGE"] ?? "cloudburst-contract",
    subnets: [process.env["CLOUDBURST_CONTRACT_SUBNET"] ?? "subnet-12345678"],
    [Symbol.asyncDispose]: async () => {
      client.destroy();
    },
  };
}

if (contractEndpoint === undefined) fleetContract("the embedded cloud", openEmbedded);
else fleetContract(emulator.name, () => openEmulator(contractEndpoint ?? ""), readDeviations("fleet"));
