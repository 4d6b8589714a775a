/** A worker program that ends before it says hello. */
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { createProcessLauncher } from "../../src/embedded/process-launcher.ts";
import { FargateExecutor } from "../../src/index.ts";
import { openAccount } from "../preflight/account.ts";
import { nested } from "./flows/arithmetic.ts";

it("a worker that cannot start ends the run within seconds, with what it wrote to its standard error", async () => {
  const workerFile = fileURLToPath(new URL("fixtures/broken-worker.mjs", import.meta.url));
  await using account = await openAccount({
    launcher: createProcessLauncher({ workerFile }),
    quotas: { "fargate/L-3032A538": 64 },
  });
  const { endpoint, region, credentials } = account.cloud;
  const executor = new FargateExecutor({
    clusterClass: "FargateCluster",
    clusterKwargs: { endpoint, region, credentials, nWorkers: 2, watchMs: 1_000 },
  });
  const state = await nested.run({ executor });
  expect(state.kind).toBe("Failed");
  expect(state.error?.message).toContain("no worker could start");
  expect(state.error?.message).toContain("libgl.so.1: cannot open shared object file");
  expect(state.error?.message).toContain("exit code 127");
  expect(state.elapsedMs).toBeLessThan(10_000);
});
