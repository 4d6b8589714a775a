import { InvalidOptionError } from "../base/errors.ts";
import { libraryTask } from "./task.ts";

export type Bounds = [stop: number] | [start: number, stop: number, step?: number];

/**
 * A task that returns the whole numbers from `start` (0 unless given) up to `stop`, which is not among them, `step`
 * (1 unless given) apart. Being a task, it takes handles: `inc.map(range(n))` with a parameter `n`.
 */
export const range = /* @__PURE__ */ libraryTask("range", (...bounds: Bounds): number[] => {
  const { start, step, length } = rangeOf(bounds);
  return Array.from({ length }, (_, index) => start + index * step);
});

/** How many numbers `range` would return. */
export function rangeLength(bounds: Bounds): number {
  return rangeOf(bounds).length;
}

function rangeOf(bounds: Bounds): { readonly start: number; readonly step: number; readonly length: number } {
  const [start, stop, step = 1] = bounds.length === 1 ? [0, bounds[0]] : bounds;
  for (const [name, value] of Object.entries({ start, stop, step })) checkWhole(name, value);
  if (step === 0) throw new InvalidOptionError("step of range must not be 0");
  return { start, step, length: Math.max(0, Math.ceil((stop - start) / step)) };
}

function checkWhole(name: string, value: unknown): void {
  if (Number.isSafeInteger(value)) return;
  throw new InvalidOptionError(`${name} of range must be a whole number, got ${String(value)}`);
}
