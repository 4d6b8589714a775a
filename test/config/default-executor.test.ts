import { expect, test } from "vitest";
import type { Config } from "../../src/config/config.ts";
import { createDefaultExecutor } from "../../src/config/default-executor.ts";
import type { Environment } from "../../src/config/environment.ts";
import { InvalidOptionError } from "../../src/base/errors.ts";
import { directoryWith } from "./temporary-directory.ts";

const OURS = "CLOUDBURST__ENGINE__EXECUTOR__DEFAULT_CLASS";
const PREFECTS = "PREFECT__ENGINE__EXECUTOR__DEFAULT_CLASS";

const executors = {
  LocalExecutor: () => "local",
  FargateExecutor: ({ engine }: Config) => `fargate ${JSON.stringify(engine.executor.fargate)}`,
};

async function choose(env: Environment, files: Readonly<Record<string, string>> = {}): Promise<unknown> {
  await using directory = await directoryWith(files);
  return await createDefaultExecutor<unknown>(executors, { env, directory: directory.path });
}

test("the executor is local where nothing is configured", async () => {
  await expect(choose({})).resolves.toBe("local");
});

test.each([
  [OURS, "FargateExecutor", "fargate {}"],
  [OURS, "LocalExecutor", "local"],
  [PREFECTS, "prefect.engine.executors.DaskExecutor", "fargate {}"],
  [PREFECTS, "prefect.executors.DaskExecutor", "fargate {}"],
  [PREFECTS, "prefect.engine.executors.dask.DaskExecutor", "fargate {}"],
  [PREFECTS, "prefect.engine.executors.LocalExecutor", "local"],
])("%s=%s is found", async (variable, text, wanted) => {
  await expect(choose({ [variable]: text })).resolves.toBe(wanted);
});

test("the two variables of Prefect's tutorial choose Fargate and its address", async () => {
  const env = {
    [PREFECTS]: "prefect.engine.executors.DaskExecutor",
    PREFECT__ENGINE__EXECUTOR__DASK__ADDRESS: "tcp://10.0.0.41:8786",
  };
  await expect(choose(env)).resolves.toBe('fargate {"address":"tcp://10.0.0.41:8786"}');
});

test.each(["FargetExecutor", "constructor", "dask.distributed.Client"])(
  "%s is an error that lists what there is, and nothing runs elsewhere",
  async (text) => {
    await expect(choose({ [OURS]: text })).rejects.toMatchObject({
      code: "invalid_option",
      message: `there is no executor ${text}, which ${OURS} asks for: allowed are FargateExecutor, LocalExecutor, or a class of yours as ${OURS}=module#Export`,
    });
  },
);

test("Prefect's LocalDaskExecutor is an error as long as it has no counterpart", async () => {
  await expect(choose({ [PREFECTS]: "prefect.executors.LocalDaskExecutor" })).rejects.toThrow(
    /no executor prefect\.executors\.LocalDaskExecutor \(whose counterpart would be .*which PREFECT__/,
  );
});

const own = `
  export class Own { kind = "class"; }
  export const make = () => ({ kind: "function" });
  export const ready = { kind: "object" };`;

test.each([
  ["Own", "class"],
  ["make", "function"],
  ["ready", "object"],
])("./own.ts#%s is imported from the working directory", async (name, kind) => {
  await expect(choose({ [OURS]: `./own.ts#${name}` }, { "own.ts": own })).resolves.toMatchObject({ kind });
});

test("a package is found from the working directory", async () => {
  await using directory = await directoryWith({
    "package.json": '{"name":"self","exports":{"./own":"./own.mjs"}}',
    "own.mjs": own,
  });
  const places = { env: { [OURS]: "self/own#Own" }, directory: directory.path };
  await expect(createDefaultExecutor<unknown>(executors, places)).resolves.toMatchObject({ kind: "class" });
});

test("a class in the config file is made as well", async () => {
  const files = {
    "cloudburst.config.mjs": "export default { engine: { executor: { defaultClass: class { kind = 'own'; } } } };",
  };
  await expect(choose({}, files)).resolves.toMatchObject({ kind: "own" });
});

test.each([
  ["./nowhere.ts#Own", /nowhere\.ts#Own: module \.\/nowhere\.ts cannot be loaded/],
  ["no-such-package#Own", /module no-such-package cannot be loaded/],
  ["./own.ts#Owm", /module \.\/own\.ts has no export "Owm" \(it has: .*Own.*\)/],
])("%s is an error that says what is missing", async (text, wanted) => {
  const refusal = expect(choose({ [OURS]: text }, { "own.ts": own })).rejects;
  await refusal.toMatchObject({ code: "import_failed", message: expect.stringMatching(wanted) as string });
});

test("what the executor refuses is told with the variables that said so", async () => {
  const strict = {
    FargateExecutor: () => {
      throw new InvalidOptionError("FargateExecutor: `address` is odd");
    },
  };
  const env = { [OURS]: "FargateExecutor", CLOUDBURST__ENGINE__EXECUTOR__FARGATE__ADDRESS: "x" };
  await using directory = await directoryWith({});
  await expect(createDefaultExecutor<unknown>(strict, { env, directory: directory.path })).rejects.toThrow(
    "FargateExecutor: `address` is odd (set by CLOUDBURST__ENGINE__EXECUTOR__FARGATE__ADDRESS)",
  );
});
