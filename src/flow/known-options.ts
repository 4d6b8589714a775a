import { InvalidOptionError } from "../base/errors.ts";
import { preview } from "./preview.ts";

/** Refuses what is not an object with the `allowed` keys; `owner` names whose options they are. */
export function refuseUnknownOptions(owner: string, given: unknown, allowed: readonly string[]): void {
  if (typeof given !== "object" || given === null) {
    throw new InvalidOptionError(
      `options of ${owner} must be an object with any of ${allowed.join(", ")}, got ${preview(given)}`,
    );
  }
  const unknown = Object.keys(given).find((key) => !allowed.includes(key));
  if (unknown === undefined) return;
  throw new InvalidOptionError(`${owner} has no option "${unknown}": allowed are ${allowed.join(", ")}`, {
    option: unknown,
    allowed,
  });
}
