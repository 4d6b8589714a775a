/** Each thing that can be set, with what is allowed for it. */
import { durationToMs } from "../base/duration.ts";
import { InvalidOptionError } from "../base/errors.ts";
import { LOG_LEVELS, type LogThreshold } from "../base/log-line.ts";
import type { ClassOption } from "./config.ts";

/** How one setting is read; `undefined` is the answer to what is not allowed. */
interface Setting<T> {
  /** For messages. */
  readonly allowed: string;
  readonly ofValue: (value: unknown) => T | undefined;
  /** The value that text in the environment stands for. */
  readonly ofText: (text: string) => unknown;
}

const asItStands = (text: string): unknown => text;

const flag: Setting<boolean> = {
  allowed: "true or false",
  ofValue: (value) => (typeof value === "boolean" ? value : undefined),
  ofText: (text) => ({ true: true, "1": true, false: false, "0": false })[text.toLowerCase()],
};

const address: Setting<string> = {
  allowed: "text such as fargate://my-stack or http://127.0.0.1:8786",
  ofValue: (value) => (typeof value === "string" && value !== "" ? value : undefined),
  ofText: asItStands,
};

const directory: Setting<string> = {
  allowed: "the path of a directory",
  ofValue: (value) => (typeof value === "string" && value !== "" ? value : undefined),
  ofText: asItStands,
};

const classOption: Setting<ClassOption> = {
  allowed: "the name of a class, module#Export, or (in a config file) the class itself",
  ofValue: (value) => (typeof value === "function" || typeof value === "string" ? (value as ClassOption) : undefined),
  ofText: asItStands,
};

const keywords: Setting<Readonly<Record<string, unknown>>> = {
  allowed: 'an object (in the environment as JSON, such as {"nWorkers":4})',
  ofValue: (value) => (isPlainObject(value) ? value : undefined),
  ofText: parseJson,
};

const count: Setting<number> = {
  allowed: "a whole number of at least 0",
  ofValue: (value) => (typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : undefined),
  ofText: Number,
};

const duration: Setting<number> = {
  allowed: "milliseconds above 0 or text such as 500ms, 10s, 1m or 2h",
  ofValue: (value) => {
    const ms = durationToMs(value);
    return ms > 0 && Number.isFinite(ms) ? ms : undefined;
  },
  ofText: (text) => (Number.isNaN(Number(text)) ? text : Number(text)),
};

const thresholds: readonly LogThreshold[] = [...LOG_LEVELS, "off"];
/** Prefect's, which are Python's. */
const otherNames: Readonly<Record<string, LogThreshold>> = { warning: "warn", critical: "error", notset: "debug" };

const logLevel: Setting<LogThreshold> = {
  allowed: `one of ${thresholds.join(", ")}`,
  ofValue: (value) => thresholds.find((threshold) => threshold === value),
  ofText: (text) => otherNames[text.toLowerCase()] ?? text.toLowerCase(),
};

/** By their place in the config file; in the environment the place is spelt `ENGINE__EXECUTOR__DEFAULT_CLASS`. */
const settings = {
  debug: flag,
  "engine.executor.defaultClass": classOption,
  "engine.executor.fargate.address": address,
  "engine.executor.fargate.clusterClass": classOption,
  "engine.executor.fargate.clusterKwargs": keywords,
  "engine.executor.fargate.adaptKwargs": keywords,
  "engine.executor.fargate.prices": keywords,
  "logging.level": logLevel,
  "flows.checkpointing": flag,
  "flows.runOnSchedule": flag,
  "records.directory": directory,
  "records.keep": count,
  "tasks.defaults.maxRetries": count,
  "tasks.defaults.retryDelay": duration,
  "tasks.defaults.timeout": duration,
} as const;

type Settings = typeof settings;
export type SettingName = keyof Settings;
export type ValueOf<N extends SettingName> = Settings[N] extends Setting<infer T> ? T : never;

export const SETTING_NAMES = Object.keys(settings) as readonly SettingName[];

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(settings, name);
}

/** True where `name` is a setting whose value is an object itself, or leads to settings. */
export function isSection(name: string): boolean {
  return SETTING_NAMES.some((setting) => setting.startsWith(`${name}.`));
}

/**
 * Checks a value; `source` says where it stands.
 *
 * @throws {InvalidOptionError} that names the source, the value and what is allowed.
 */
export function readValue(name: SettingName, value: unknown, source: string, shown: unknown = value): unknown {
  const read: unknown = settings[name].ofValue(value);
  if (read !== undefined) return read;
  throw new InvalidOptionError(`${source} must be ${settings[name].allowed}, got ${show(shown)}`, { source, name });
}

/** The same for text of the environment. */
export function readText(name: SettingName, text: string, source: string): unknown {
  return readValue(name, settings[name].ofText(text), source, text);
}

export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // which is not allowed: the message shows the text
  }
}

function show(value: unknown): string {
  return typeof value === "function" ? `function ${value.name}` : (JSON.stringify(value) ?? String(value));
}
