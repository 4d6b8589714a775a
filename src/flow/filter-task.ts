import { InvalidOptionError } from "../base/errors.ts";
import { preview } from "./preview.ts";
import { type ClassTaskOptions, Task } from "./task.ts";
import { allFinished } from "./trigger.ts";

export interface FilterTaskOptions<T> extends ClassTaskOptions {
  /** Whether an element stays. @default drops null, undefined and errors, signals among them */
  readonly filter?: ((element: T) => boolean) | undefined;
}

/**
 * A task that leaves elements out of a list: as it is, what failed and what was skipped in the results of a mapped
 * task. It runs however its upstreams ended.
 */
export class FilterTask<T> extends Task<[list: readonly (T | Error | null | undefined)[]], T[]> {
  readonly filter: (element: T) => boolean;

  /** @throws {InvalidOptionError} for a filter that is no function, and as `Task` does. */
  constructor({ filter = isThere, ...options }: FilterTaskOptions<T> = {}) {
    super({ name: "FilterTask", trigger: allFinished, skipOnUpstreamSkip: false, ...options });
    if (typeof filter !== "function") {
      throw new InvalidOptionError(`filter of task "${this.name}" must be a function, got ${preview(filter)}`);
    }
    this.filter = filter;
  }

  override run(list: readonly (T | Error | null | undefined)[]): T[] {
    return (list as readonly T[]).filter((element) => this.filter(element));
  }
}

function isThere(element: unknown): boolean {
  return element !== null && element !== undefined && !(element instanceof Error);
}
