/** As many workers as the account allows, from the first second to the last. */
import type { Policy } from "../../../src/simulate/world.ts";
import { replaceMissing } from "./plain-launcher.ts";

export function fixedMaximum(maximum: number): Policy {
  return {
    name: "fixed maximum",
    intervalMs: 1_000,
    endsWithRun: true,
    tick: (world) => replaceMissing(world, maximum, Infinity),
  };
}
