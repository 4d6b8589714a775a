import { isDeepStrictEqual } from "node:util";
import { preview } from "./preview.ts";
import { SKIP } from "./signals.ts";
import { glueTask } from "./task.ts";

/** How a value is compared with the one that is expected. */
export type Comparison = "same" | "as a key" | "truthy";

/** The task behind every branch: it is skipped, and so is what follows it, unless `given` is what the branch is for. */
export const compareValue = /* @__PURE__ */ glueTask(
  "CompareValue",
  (given: unknown, expected: unknown, comparison: Comparison = "same"): boolean => {
    if (matches(given, expected, comparison)) return true;
    throw new SKIP(`Provided value ${preview(given)} did not match ${preview(expected)}`);
  },
);

function matches(given: unknown, expected: unknown, comparison: Comparison): boolean {
  if (comparison === "truthy") return Boolean(given) === expected;
  if (comparison === "as a key") return String(given) === expected;
  return given === expected || isDeepStrictEqual(given, expected);
}
