/** Cloudburst with all its defaults: on a first run, or after an earlier run has left durations and start-up behind. */
import { resolveAdaptOptions } from "../../../src/adaptive/adapt-options.ts";
import { exactMemory, noMemory } from "../../../src/simulate/driver-view.ts";
import { ours } from "../../../src/simulate/our-policy.ts";
import type { Trace } from "../../../src/simulate/trace.ts";
import type { Policy } from "../../../src/simulate/world.ts";

export interface CloudburstOptions {
  readonly name: string;
  readonly remembers: boolean;
}

export function cloudburst(trace: Trace, { name, remembers }: CloudburstOptions): Policy {
  const memory = remembers ? exactMemory(trace.batches, trace.cloud.startUpMs) : noMemory;
  return ours({ name, adapt: resolveAdaptOptions({}, 0), fallBack: true, memory });
}
