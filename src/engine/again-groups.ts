/** Calls that are to be made again, those together that are due together after the same number of attempts. */
import { Ranges } from "./ranges.ts";

export interface AgainGroup {
  readonly dueMs: number;
  readonly attempt: number;
  readonly message: string;
  readonly ranges: Ranges;
  calls: number;
}

export class AgainGroups {
  readonly #groups = new Map<string, AgainGroup>();

  /** `attempt`: how often the call was made. */
  add(index: number, attempt: number, { dueMs, message }: { readonly dueMs: number; readonly message: string }): void {
    const key = `${String(dueMs)} ${String(attempt)}`;
    const group = this.#groups.get(key) ?? { dueMs, attempt, message, ranges: new Ranges(), calls: 0 };
    this.#groups.set(key, group);
    group.ranges.add(index, index + 1);
    group.calls += 1;
  }

  all(): readonly AgainGroup[] {
    return [...this.#groups.values()];
  }
}
