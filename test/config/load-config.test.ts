import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Config } from "../../src/config/config.ts";
import type { Environment } from "../../src/config/environment.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { directoryWith } from "./temporary-directory.ts";

async function load(env: Environment, files: Readonly<Record<string, string>> = {}): Promise<Config> {
  await using directory = await directoryWith(files);
  return (await loadConfig({ env, directory: directory.path })).config;
}

const defaults: Config = {
  debug: false,
  engine: { executor: { defaultClass: undefined, fargate: {} } },
  logging: { level: undefined },
  records: { directory: undefined, keep: 100 },
  flows: { checkpointing: true, runOnSchedule: true },
  tasks: { defaults: { maxRetries: 0, retryDelayMs: undefined, timeoutMs: undefined } },
};

test("without variables and file there are the defaults", async () => {
  await expect(load({ PATH: "/bin", PREFECT__LOGGING__FORMAT: "%(message)s" })).resolves.toEqual(defaults);
});

describe("the environment", () => {
  test("sets everything that can be set", async () => {
    const config = await load({
      CLOUDBURST__DEBUG: "True",
      CLOUDBURST__ENGINE__EXECUTOR__DEFAULT_CLASS: "FargateExecutor",
      CLOUDBURST__ENGINE__EXECUTOR__FARGATE__CLUSTER_CLASS: "FargateCluster",
      CLOUDBURST__ENGINE__EXECUTOR__FARGATE__CLUSTER_KWARGS: '{"nWorkers":4}',
      CLOUDBURST__ENGINE__EXECUTOR__FARGATE__ADAPT_KWARGS: '{"maximum":20}',
      CLOUDBURST__ENGINE__EXECUTOR__FARGATE__PRICES: '{"publicIpv4Hour":0}',
      CLOUDBURST__LOGGING__LEVEL: "debug",
      CLOUDBURST__FLOWS__CHECKPOINTING: "false",
      CLOUDBURST__FLOWS__RUN_ON_SCHEDULE: "false",
      CLOUDBURST__TASKS__DEFAULTS__MAX_RETRIES: "3",
      CLOUDBURST__TASKS__DEFAULTS__RETRY_DELAY: "10s",
      CLOUDBURST__TASKS__DEFAULTS__TIMEOUT: "1500",
      CLOUDBURST__RECORDS__DIRECTORY: "/var/records",
      CLOUDBURST__RECORDS__KEEP: "7",
    });
    expect(config).toEqual({
      debug: true,
      engine: {
        executor: {
          defaultClass: "FargateExecutor",
          fargate: {
            clusterClass: "FargateCluster",
            clusterKwargs: { nWorkers: 4 },
            adaptKwargs: { maximum: 20 },
            prices: { publicIpv4Hour: 0 },
          },
        },
      },
      logging: { level: "debug" },
      records: { directory: "/var/records", keep: 7 },
      flows: { checkpointing: false, runOnSchedule: false },
      tasks: { defaults: { maxRetries: 3, retryDelayMs: 10_000, timeoutMs: 1_500 } },
    });
  });

  test("may use Prefect's names, whose times are seconds", async () => {
    const config = await load({
      PREFECT__DEBUG: "true",
      PREFECT__ENGINE__EXECUTOR__DEFAULT_CLASS: "prefect.engine.executors.DaskExecutor",
      PREFECT__ENGINE__EXECUTOR__DASK__CLUSTER_CLASS: "dask_cloudprovider.aws.FargateCluster",
      PREFECT__LOGGING__LEVEL: "WARNING",
      PREFECT__FLOWS__CHECKPOINTING: "False",
      PREFECT__FLOWS__RUN_ON_SCHEDULE: "False",
      PREFECT__TASKS__DEFAULTS__MAX_RETRIES: "2",
      PREFECT__TASKS__DEFAULTS__RETRY_DELAY: "30",
      PREFECT__TASKS__DEFAULTS__TIMEOUT: "None",
    });
    expect(config).toMatchObject({
      logging: { level: "warn" },
      debug: true,
      engine: {
        executor: {
          defaultClass: "prefect.engine.executors.DaskExecutor",
          fargate: { clusterClass: "FargateCluster" },
        },
      },
      flows: { checkpointing: false, runOnSchedule: false },
      tasks: { defaults: { maxRetries: 2, retryDelayMs: 30_000, timeoutMs: undefined } },
    });
  });

  test("has ours come before Prefect's", async () => {
    const config = await load({
      PREFECT__ENGINE__EXECUTOR__DASK__ADDRESS: "tcp://10.0.0.41:8786",
      CLOUDBURST__ENGINE__EXECUTOR__FARGATE__ADDRESS: "fargate://ours",
      PREFECT__TASKS__DEFAULTS__MAX_RETRIES: "2",
    });
    expect(config.engine.executor.fargate).toEqual({ address: "fargate://ours" });
    expect(config.tasks.defaults.maxRetries).toBe(2);
  });

  test("sets nothing with a variable that is empty", async () => {
    await expect(load({ CLOUDBURST__DEBUG: "", CLOUDBURST__NO_SUCH: "" })).resolves.toEqual(defaults);
  });

  test.each([
    ["CLOUDBURST__DEBUG", "perhaps", "must be true or false"],
    ["CLOUDBURST__ENGINE__EXECUTOR__FARGATE__CLUSTER_KWARGS", "{nWorkers:4}", "must be an object"],
    ["CLOUDBURST__ENGINE__EXECUTOR__FARGATE__CLUSTER_KWARGS", "[4]", "must be an object"],
    ["CLOUDBURST__TASKS__DEFAULTS__MAX_RETRIES", "-1", "must be a whole number"],
    ["CLOUDBURST__TASKS__DEFAULTS__MAX_RETRIES", "1.5", "must be a whole number"],
    ["CLOUDBURST__TASKS__DEFAULTS__TIMEOUT", "0", "must be milliseconds above 0"],
    ["CLOUDBURST__TASKS__DEFAULTS__RETRY_DELAY", "soon", "must be milliseconds above 0"],
    ["PREFECT__TASKS__DEFAULTS__MAX_RETRIES", "many", "must be a whole number"],
    ["PREFECT__ENGINE__EXECUTOR__DASK__CLUSTER_CLASS", "dask_kubernetes.KubeCluster", "has no counterpart"],
  ])("is refused where %s is %j, by the variable's name and the value", async (variable, text, why) => {
    const refusal = expect(load({ [variable]: text })).rejects;
    await refusal.toMatchObject({ code: "invalid_option", message: expect.stringContaining(why) as string });
    await expect(load({ [variable]: text })).rejects.toThrow(variable);
    await expect(load({ [variable]: text })).rejects.toThrow(text);
  });

  test("is refused where a variable of ours does not exist, with those that do", async () => {
    await expect(load({ CLOUDBURST__ENGINE__EXECUTR__DEFAULT_CLASS: "x" })).rejects.toThrow(
      /no setting CLOUDBURST__ENGINE__EXECUTR__DEFAULT_CLASS: allowed are .*CLOUDBURST__ENGINE__EXECUTOR__DEFAULT_CLASS/,
    );
  });
});

describe("the config file", () => {
  const typescript = `
    const kwargs: Record<string, number> = { nWorkers: 2 };
    export default { engine: { executor: { fargate: { clusterKwargs: kwargs } } }, tasks: { defaults: { timeout: "2m" } } };`;

  test.each([
    ["cloudburst.config.ts", typescript],
    ["cloudburst.config.mts", typescript],
    ["cloudburst.config.mjs", typescript.replace(": Record<string, number>", "")],
    [
      "cloudburst.config.json",
      '{"engine":{"executor":{"fargate":{"clusterKwargs":{"nWorkers":2}}}},"tasks":{"defaults":{"timeout":"2m"}}}',
    ],
  ])("may be %s", async (name, content) => {
    const { engine, tasks } = await load({}, { [name]: content });
    expect(engine.executor.fargate).toEqual({ clusterKwargs: { nWorkers: 2 } });
    expect(tasks.defaults.timeoutMs).toBe(120_000);
  });

  test.each(["module", "commonjs"])("may be JavaScript in a package of type %s", async (type) => {
    const value = "{ debug: true }";
    const content = type === "module" ? `export default ${value};` : `module.exports = ${value};`;
    const files = { "package.json": JSON.stringify({ type }), "cloudburst.config.js": content };
    await expect(load({}, files)).resolves.toEqual({ ...defaults, debug: true, logging: { level: "debug" } });
  });

  test("may hold classes themselves", async () => {
    const content = "export default { engine: { executor: { defaultClass: class Own {} } } };";
    const { engine } = await load({}, { "cloudburst.config.mjs": content });
    expect(engine.executor.defaultClass).toHaveProperty("name", "Own");
  });

  test("comes after the environment, setting by setting", async () => {
    const file = JSON.stringify({ debug: true, tasks: { defaults: { maxRetries: 1, timeout: 5 } } });
    const config = await load({ CLOUDBURST__TASKS__DEFAULTS__MAX_RETRIES: "7" }, { "cloudburst.config.json": file });
    expect(config).toMatchObject({ debug: true, tasks: { defaults: { maxRetries: 7, timeoutMs: 5 } } });
  });

  test("does not clash with the environment over where the workers are", async () => {
    const fargate = { clusterClass: "FargateCluster", clusterKwargs: { nWorkers: 2 } };
    const files = { "cloudburst.config.json": JSON.stringify({ engine: { executor: { fargate } } }) };
    const byAddress = await load({ CLOUDBURST__ENGINE__EXECUTOR__FARGATE__ADDRESS: "fargate://x" }, files);
    expect(byAddress.engine.executor.fargate).toEqual({ address: "fargate://x" });
    const other = {
      "cloudburst.config.json": JSON.stringify({ engine: { executor: { fargate: { address: "a://b" } } } }),
    };
    const byClass = await load({ CLOUDBURST__ENGINE__EXECUTOR__FARGATE__CLUSTER_CLASS: "LocalCluster" }, other);
    expect(byClass.engine.executor.fargate).toEqual({ clusterClass: "LocalCluster" });
  });

  test("is looked for in that directory only", async () => {
    await using parent = await directoryWith({ "cloudburst.config.json": '{"debug":true}' });
    const child = join(parent.path, "child");
    await mkdir(child);
    const below = await loadConfig({ env: {}, directory: child });
    expect(below.config).toEqual(defaults);
  });

  test.each([
    ['{"tasks":{"defaults":{"maxRetries":-1}}}', /tasks\.defaults\.maxRetries in .*cloudburst\.config\.json must be/],
    ['{"tasks":{"default":{}}}', /no setting tasks\.default in .*cloudburst\.config\.json: allowed are debug, engine/],
    ['{"tasks":3}', /tasks in .*json must be an object, got number/],
    ["[]", /json must have an object as its default export/],
    ["{", /the config file in .* cannot be loaded/],
  ])("is refused where it is %s", async (content, wanted) => {
    await expect(load({}, { "cloudburst.config.json": content })).rejects.toThrow(wanted);
  });

  test("that throws is told with what it threw", async () => {
    const files = { "cloudburst.config.mjs": 'throw new Error("no such region");' };
    await expect(load({}, files)).rejects.toMatchObject({ code: "config_file", cause: new Error("no such region") });
  });
});
