/** Settings of the environment: `CLOUDBURST__SECTION__KEY`, and the names that Prefect 1.x knows. */
import { InvalidOptionError } from "../base/errors.ts";
import type { Found, Layer } from "./layer.ts";
import { readText, SETTING_NAMES, type SettingName } from "./settings.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

const OURS = "CLOUDBURST__";

/** `CLOUDBURST__FLOWS__RUN_ON_SCHEDULE` */
export function variableOf(name: SettingName): string {
  const snake = (part: string): string => part.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  return OURS + name.split(".").map(snake).join("__");
}

const ours = new Map(SETTING_NAMES.map((name) => [variableOf(name), name]));

interface PrefectVariable {
  readonly name: SettingName;
  /** What Prefect's value means here. @default the same */
  readonly translate?: (text: string, variable: string) => string;
}

const prefects: ReadonlyMap<string, PrefectVariable> = new Map<string, PrefectVariable>([
  ["PREFECT__DEBUG", { name: "debug" }],
  ["PREFECT__ENGINE__EXECUTOR__DEFAULT_CLASS", { name: "engine.executor.defaultClass" }],
  ["PREFECT__ENGINE__EXECUTOR__DASK__ADDRESS", { name: "engine.executor.fargate.address" }],
  [
    "PREFECT__ENGINE__EXECUTOR__DASK__CLUSTER_CLASS",
    { name: "engine.executor.fargate.clusterClass", translate: translateClusterClass },
  ],
  ["PREFECT__LOGGING__LEVEL", { name: "logging.level" }],
  ["PREFECT__FLOWS__CHECKPOINTING", { name: "flows.checkpointing" }],
  ["PREFECT__FLOWS__RUN_ON_SCHEDULE", { name: "flows.runOnSchedule" }],
  ["PREFECT__TASKS__DEFAULTS__MAX_RETRIES", { name: "tasks.defaults.maxRetries" }],
  ["PREFECT__TASKS__DEFAULTS__RETRY_DELAY", { name: "tasks.defaults.retryDelay", translate: secondsWithUnit }],
  ["PREFECT__TASKS__DEFAULTS__TIMEOUT", { name: "tasks.defaults.timeout", translate: secondsWithUnit }],
]);

/**
 * The layers of the environment, ours first. An empty variable counts as not set.
 *
 * @throws {InvalidOptionError} for a value that is not allowed, and for a `CLOUDBURST__…` variable that does not exist:
 * a slip of the pen would otherwise be without effect.
 */
export function readEnvironment(env: Environment): readonly Layer[] {
  const given = Object.entries(env).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return [readOurs(given), readPrefects(given)];
}

function readOurs(given: readonly (readonly [string, string])[]): Layer {
  const named = given.filter(([variable]) => variable.startsWith(OURS));
  const settings = named.map(([variable, text]): [SettingName, Found] => {
    const name = ours.get(variable);
    if (name !== undefined) return [name, { value: readText(name, text, variable), source: variable }];
    const allowed = [...ours.keys()];
    throw new InvalidOptionError(`there is no setting ${variable}: allowed are ${allowed.join(", ")}`, { variable });
  });
  return new Map(settings);
}

/** Prefect has many more variables, which mean nothing here and do no harm. */
function readPrefects(given: readonly (readonly [string, string])[]): Layer {
  const settings = given.flatMap(([variable, text]): [SettingName, Found][] => {
    const known = prefects.get(variable);
    if (known === undefined || isPythonNothing(text)) return [];
    const translated = known.translate?.(text, variable) ?? text;
    return [[known.name, { value: readText(known.name, translated, variable), source: variable }]];
  });
  return new Map(settings);
}

function isPythonNothing(text: string): boolean {
  return /^(none|null)$/i.test(text);
}

/** A Python path: its last part names the class, and those that have a counterpart are named like it. */
function translateClusterClass(path: string, variable: string): string {
  const name = path.split(".").at(-1) ?? path;
  if (name === "LocalCluster" || name === "FargateCluster") return name;
  throw new InvalidOptionError(
    `${variable} names ${path}, which has no counterpart: allowed are LocalCluster and FargateCluster, ` +
      `or any class of yours as ${variableOf("engine.executor.fargate.clusterClass")}=module#Export`,
    { variable },
  );
}

/** Prefect's numbers are seconds. */
function secondsWithUnit(text: string): string {
  return Number.isNaN(Number(text)) ? text : `${text}s`;
}
