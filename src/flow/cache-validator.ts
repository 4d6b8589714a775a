/** Decide whether the result of an earlier call, while it is not too old, may stand for that of a new call. */
import { InvalidOptionError } from "../base/errors.ts";
import { preview } from "./preview.ts";
import type { CallFacts } from "./target.ts";

/**
 * Two calls may share a result when what `fingerprint` gives for them is the same, compared deeply. So a cached result
 * is found at once among thousands, and nothing but a digest of the arguments is kept with it.
 */
export interface CacheValidator {
  readonly name: string;
  /** The arguments are asked about: they are brought to the driver. */
  readonly usesInputs: boolean;
  /** Undefined: this call shares its result with no other. */
  readonly fingerprint: (call: CallFacts) => unknown;
}

/** No cached result is ever used, and none is kept. */
export const neverUse: CacheValidator = { name: "never_use", usesInputs: false, fingerprint: () => undefined };

/** A cached result is used until it is too old, whatever the call. The default. */
export const durationOnly: CacheValidator = { name: "duration_only", usesInputs: false, fingerprint: () => "any call" };

/** A cached result is used for calls with the same arguments. */
export const allInputs: CacheValidator = {
  name: "all_inputs",
  usesInputs: true,
  fingerprint: ({ inputs }) => inputs,
};

/** A cached result is used in runs with the same parameters. */
export const allParameters: CacheValidator = {
  name: "all_parameters",
  usesInputs: false,
  fingerprint: ({ parameters }) => parameters,
};

/**
 * A cached result is used for calls in which these arguments are the same.
 *
 * @throws {InvalidOptionError} for what is no list of names.
 */
export function partialInputsOnly(names: readonly string[]): CacheValidator {
  checkNames("partialInputsOnly", names);
  return {
    name: "partial_inputs_only",
    usesInputs: true,
    fingerprint: ({ inputs }) => names.map((name) => inputs[name]),
  };
}

/**
 * A cached result is used in runs in which these parameters are the same.
 *
 * @throws {InvalidOptionError} for what is no list of names.
 */
export function partialParametersOnly(names: readonly string[]): CacheValidator {
  checkNames("partialParametersOnly", names);
  return {
    name: "partial_parameters_only",
    usesInputs: false,
    fingerprint: ({ parameters }) => names.map((name) => parameters[name]),
  };
}

function checkNames(owner: string, given: unknown): void {
  if (Array.isArray(given) && given.every((name) => typeof name === "string")) return;
  throw new InvalidOptionError(`${owner} takes a list of names, got ${preview(given)}`);
}
