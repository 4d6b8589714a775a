/** What the calls of a run can ask of it. */
import { InvalidOptionError } from "../base/errors.ts";
import type { LogThreshold } from "../base/log-line.ts";
import type { RunFacts } from "../base/run-facts.ts";
import { context } from "../flow/context.ts";
import { preview } from "../flow/preview.ts";
import type { ConfiguredRetries } from "../flow/retry-policy.ts";

/** What a run is told by the configuration. */
export interface RunSettings {
  /** Undefined where none is configured: then the users' lines are told from `info` up, and the library keeps silent. */
  readonly logLevel: LogThreshold | undefined;
  /** Of tasks that do not say. */
  readonly timeoutMs: number | undefined;
  /** Of tasks that do not say. @default none */
  readonly retries?: ConfiguredRetries | undefined;
}

export interface RunFactsParts extends Pick<RunFacts, "flowName" | "runId" | "parameters"> {
  readonly startedAtMs: number;
  /** As the user gave it. */
  readonly given: Readonly<Record<string, unknown>> | undefined;
  readonly settings: RunSettings;
}

/** Keys that say something about the run itself; all others are the user's own. */
const meaningful = ["date", "scheduledStartTime", "flowRunName"];

/** @throws {InvalidOptionError} for a context that is no object, or sets what only the run can know. */
export function runFactsOf({
  flowName,
  runId,
  parameters,
  startedAtMs,
  given = {},
  settings,
}: RunFactsParts): RunFacts {
  checkKeys(given);
  const { date, scheduledStartTime, flowRunName } = given;
  return {
    flowName,
    runId,
    runName: flowRunName === undefined ? undefined : checkName(flowRunName),
    scheduledStartTimeMs: timeOf("scheduledStartTime", scheduledStartTime, startedAtMs),
    dateMs: timeOf("date", date, startedAtMs),
    parameters,
    context: given,
    logLevel: settings.logLevel ?? "info",
    runnerLogLevel: settings.logLevel ?? "off",
  };
}

function checkKeys(given: unknown): void {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new InvalidOptionError(`context must be an object of your own keys, got ${preview(given)}`);
  }
  const taken = Object.keys(given).find((key) => key in context && !meaningful.includes(key));
  if (taken === undefined) return;
  throw new InvalidOptionError(
    `context must not have the key "${taken}", which each run has of itself: give it another name ` +
      `(of its own keys ${meaningful.join(", ")} can be set)`,
    { key: taken },
  );
}

function checkName(given: unknown): string {
  if (typeof given === "string" && given !== "") return given;
  throw new InvalidOptionError(`flowRunName in context must be text that is not empty, got ${preview(given)}`);
}

function timeOf(key: string, given: unknown, otherwiseMs: number): number {
  if (given === undefined) return otherwiseMs;
  const isTime = given instanceof Date || typeof given === "string" || typeof given === "number";
  const ms = isTime ? new Date(given).getTime() : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  throw new InvalidOptionError(`${key} in context must be a Date or text such as "2026-08-01", got ${preview(given)}`);
}
