import { Command } from "commander";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { chooseExecutor } from "../../src/cli/choose-executor.ts";
import { type ExecutorFlags, withExecutorFlags } from "../../src/cli/executor-flags.ts";
import { loadFlow } from "../../src/cli/load-flows.ts";
import type { Executor } from "../../src/executors/executor.ts";
import { FargateExecutor } from "../../src/executors/fargate-executor.ts";
import { LocalExecutor } from "../../src/executors/local-executor.ts";
import { ParallelExecutor } from "../../src/executors/parallel-executor.ts";
import { directoryWith } from "../config/temporary-directory.ts";

const section = "CLOUDBURST__ENGINE__EXECUTOR__";
/** What is empty counts as not set. */
const configure = (name: string, value: string): void => void vi.stubEnv(section + name, value);
beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith(section)) vi.stubEnv(name, "");
});
afterEach(() => void vi.unstubAllEnvs());

async function executorFor(flags: readonly string[], own?: Executor): Promise<Executor> {
  const command = withExecutorFlags(new Command("test")).exitOverride();
  command.configureOutput({ writeErr: () => undefined }).parse(flags, { from: "user" });
  return await chooseExecutor(command.opts<ExecutorFlags>(), own);
}

const fleetFor = async (...flags: readonly string[]) => (await executorFor(flags)).profile?.fleet;

describe("flags that say how a fleet may scale", () => {
  it("become the executor's adaptKwargs", async () => {
    const flags = ["--minimum", "1", "--maximum", "20", "--target-duration", "30s", "--budget", "2.5"];
    expect(await fleetFor(...flags, "--finish-by", "2999-01-31T18:00:00Z")).toMatchObject({
      minimum: 1,
      maximum: 20,
      targetDurationMs: 30_000,
      budgetUsd: 2.5,
      finishBy: Date.parse("2999-01-31T18:00:00Z"),
    });
    expect(await fleetFor("--maximum", "none", "--minimum", "2")).toMatchObject({ minimum: 2 });
  });

  it.each([
    [["--minimum", "-1"], /whole number of at least 0/],
    [["--maximum", "many"], /whole number of at least 1/],
    [["--budget", "0"], /US dollars above 0/],
    [["--target-duration", "soon"], /a time such as/],
    [["--minimum", "5", "--maximum", "2"], /must not be above `maximum`/],
    [["--finish-by", "1999-01-31T18:00:00Z"], /must lie in the future/],
    [["--address", "http://127.0.0.1:1", "--maximum", "2"], /exclude each other/],
    [["--executor", "remote"], /local, parallel or fargate/],
  ])("that are wrong are refused before anything starts: %j", async (flags, message) => {
    await expect(executorFor(flags)).rejects.toThrow(message);
  });
});

describe("the executor of a command", () => {
  const own = new LocalExecutor();

  it("is workers, where nobody says anything", async () => {
    expect(await executorFor([])).toBeInstanceOf(FargateExecutor);
  });

  it("is the configured one, where the flow has none", async () => {
    configure("DEFAULT_CLASS", "ParallelExecutor");
    expect(await executorFor([])).toBeInstanceOf(ParallelExecutor);
    configure("DEFAULT_CLASS", "NoExecutor");
    await expect(executorFor([])).rejects.toThrow(/there is no executor NoExecutor/);
  });

  it("is the flow's own, whatever is configured", async () => {
    configure("DEFAULT_CLASS", "ParallelExecutor");
    expect(await executorFor([], own)).toBe(own);
  });

  it.each([
    ["--executor parallel", ParallelExecutor],
    ["--executor local", LocalExecutor],
    ["--executor fargate", FargateExecutor],
    ["--executor fargate --workers 2", FargateExecutor],
    ["--executor parallel --workers 2", ParallelExecutor],
    ["--cluster LocalCluster", FargateExecutor],
    ["--address http://127.0.0.1:1", FargateExecutor],
  ])("is what flags name before everything else: %s", async (flags, wanted) => {
    configure("DEFAULT_CLASS", "LocalExecutor");
    const chosen = await executorFor(flags.split(" "), own);
    expect(chosen).toBeInstanceOf(wanted);
    expect(chosen).not.toBe(own);
  });

  it("takes what flags leave open from the configuration, setting by setting", async () => {
    configure("FARGATE__CLUSTER_KWARGS", '{"nWorkers":3,"threadsPerWorker":2}');
    expect(await fleetFor()).toMatchObject({ maximum: 3, slotsPerWorker: 2 });
    expect(await fleetFor("--executor", "fargate", "--workers", "5")).toMatchObject({ maximum: 5, slotsPerWorker: 2 });
    configure("FARGATE__CLUSTER_KWARGS", "");
    configure("FARGATE__ADDRESS", "http://127.0.0.1:1");
    expect((await executorFor([])).profile?.place).toBe("shared");
    expect(await fleetFor("--workers", "4")).toMatchObject({ maximum: 4 });
    configure("FARGATE__ADDRESS", "");
    configure("FARGATE__CLUSTER_KWARGS", '{"nWorkers":3}');
    expect((await executorFor(["--address", "http://127.0.0.1:1"])).profile?.place).toBe("shared");
  });

  it.each([
    ["--workers 4", "the flow's own executor takes no options of a cluster, and was given --workers (leave that out"],
    ["--executor local --workers 4", "the executor local takes no options"],
    ["--executor parallel --threads 2", "the executor parallel takes no options"],
    ["--executor parallel --workers 2 --maximum 3", "and was given --maximum ("],
  ])("refuses flags that it could not heed: %s", async (flags, message) => {
    await expect(executorFor(flags.split(" "), own)).rejects.toThrow(message);
  });

  it("refuses them where it is a configured one that has no cluster", async () => {
    configure("DEFAULT_CLASS", "LocalExecutor");
    await expect(executorFor(["--maximum", "4"])).rejects.toThrow("the configured executor (LocalExecutor) takes no");
  });
});

it("a file's own executor is the one with which it runs the flow, else the flow's", async () => {
  const frontDoor = JSON.stringify(new URL("../../src/index.ts", import.meta.url).href);
  const script = (run: string): string => `
    import { flow, LocalExecutor, ParallelExecutor } from ${frontDoor};
    const example = flow("example", { executor: new LocalExecutor() }, () => undefined);
    ${run}
    export { example };`;
  await using directory = await directoryWith({
    "plain.mjs": script(""),
    "running.mjs": script("await example.run({ executor: new ParallelExecutor() });"),
  });
  const executorOf = async (file: string) => (await loadFlow(`${directory.path}/${file}`, undefined)).executor;
  expect((await executorOf("plain.mjs"))?.constructor.name).toBe("LocalExecutor");
  expect((await executorOf("running.mjs"))?.constructor.name).toBe("ParallelExecutor");
});
