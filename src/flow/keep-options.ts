/** What is said of a task about results that outlive a run: the cache of the process, and the store that a target names. */
import { type Duration, durationToMs } from "../base/duration.ts";
import { InvalidOptionError } from "../base/errors.ts";
import type { ResultStore } from "../results/result-store.ts";
import { type CacheValidator, durationOnly } from "./cache-validator.ts";
import { preview } from "./preview.ts";
import { type CallFacts, parseTarget, type Target } from "./target.ts";

export interface KeepOptions {
  /** A successful result stands for those of later calls so long, in this process. Milliseconds, or `"1h"`. @default never */
  readonly cacheFor?: Duration | undefined;
  /** Which later calls. @default durationOnly: all of them */
  readonly cacheValidator?: CacheValidator | undefined;
  /** Tasks and flows with the same key share what is cached. @default the name of the task */
  readonly cacheKey?: string | undefined;
  /** Where successful results are written: `new LocalResult({ dir })`, `new S3Result({ bucket })`. @default nowhere */
  readonly result?: ResultStore | undefined;
  /**
   * The key that the result has in the store: a template such as `"{taskName}/{today}/{mapIndex}"`, or a function. When
   * a result is there already, the task does not run and has that one.
   */
  readonly target?: string | ((call: CallFacts) => string) | undefined;
  /** False: nothing is written for this task. @default true */
  readonly checkpoint?: boolean | undefined;
}

export const KEEP_OPTIONS = ["cacheFor", "cacheValidator", "cacheKey", "result", "target", "checkpoint"] as const;

/** The same, checked. */
export interface Keeping {
  readonly cache?: { readonly forMs: number; readonly validator: CacheValidator; readonly key: string } | undefined;
  readonly kept?:
    { readonly in: ResultStore; readonly target: Target | undefined; readonly writes: boolean } | undefined;
}

/** @throws {InvalidOptionError} for a wrong option, and for one that means nothing without another. */
export function resolveKeeping(taskName: string, given: KeepOptions): Keeping | undefined {
  const cache = resolveCache(taskName, given);
  const kept = resolveKept(taskName, given);
  return cache === undefined && kept === undefined ? undefined : { ...(cache && { cache }), ...(kept && { kept }) };
}

function resolveCache(taskName: string, { cacheFor, cacheValidator, cacheKey }: KeepOptions): Keeping["cache"] {
  if (cacheFor === undefined) {
    if (cacheValidator !== undefined) throw needs(taskName, "cacheValidator", "cacheFor");
    if (cacheKey !== undefined) throw needs(taskName, "cacheKey", "cacheFor");
    return undefined;
  }
  const forMs = durationToMs(cacheFor);
  if (!(forMs > 0)) throw wrong(taskName, "cacheFor", 'milliseconds above 0 or text such as "10m" or "1h"', cacheFor);
  if (cacheValidator !== undefined && !isValidator(cacheValidator)) {
    throw wrong(taskName, "cacheValidator", "a validator such as allInputs", cacheValidator);
  }
  if (cacheKey !== undefined && (typeof cacheKey !== "string" || cacheKey === "")) {
    throw wrong(taskName, "cacheKey", "a string that is not empty", cacheKey);
  }
  return { forMs, validator: cacheValidator ?? durationOnly, key: cacheKey ?? taskName };
}

function resolveKept(taskName: string, { result, target, checkpoint }: KeepOptions): Keeping["kept"] {
  if (checkpoint !== undefined && typeof checkpoint !== "boolean") {
    throw wrong(taskName, "checkpoint", "true or false", checkpoint);
  }
  if (result === undefined) {
    if (target !== undefined) throw needs(taskName, "target", "result");
    if (checkpoint === true) throw needs(taskName, "checkpoint", "result");
    return undefined;
  }
  if (!isStore(result)) {
    throw wrong(taskName, "result", "a store such as new LocalResult({ dir }), with read, write and among", result);
  }
  const parsed = target === undefined ? undefined : parseTarget(`target of task "${taskName}"`, target);
  return { in: result, target: parsed, writes: checkpoint ?? true };
}

function isValidator(value: unknown): boolean {
  return hasMethods(value, ["fingerprint"]);
}

function isStore(value: unknown): boolean {
  return hasMethods(value, ["read", "write", "among"]);
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  return names.every((name) => typeof Reflect.get(value, name) === "function");
}

function needs(taskName: string, option: string, missing: string): InvalidOptionError {
  return new InvalidOptionError(
    `${option} of task "${taskName}" means nothing without \`${missing}\`: give it as well`,
    {
      option,
    },
  );
}

function wrong(taskName: string, option: string, allowed: string, value: unknown): InvalidOptionError {
  return new InvalidOptionError(`${option} of task "${taskName}" must be ${allowed}, got ${preview(value)}`, {
    option,
  });
}
