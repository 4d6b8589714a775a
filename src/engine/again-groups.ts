/** Calls that are to be made again, those together that are due together after the same number of attempts. */
import { Ranges } from "./ranges.ts";

/** What tells one making of a call from the others. */
export interface Making {
  /** How often the body was begun before. */
  readonly begun: number;
  /** How often it was let go on after it had paused. */
  readonly pauses: number;
}

export const firstMaking: Making = { begun: 0, pauses: 0 };

export interface AgainGroup {
  readonly dueMs: number;
  readonly making: Making;
  readonly message: string;
  readonly ranges: Ranges;
  calls: number;
}

export class AgainGroups {
  readonly #groups = new Map<string, AgainGroup>();

  add(index: number, making: Making, { dueMs, message }: { readonly dueMs: number; readonly message: string }): void {
    const key = `${String(dueMs)} ${keyOfMaking(making)}`;
    const group = this.#groups.get(key) ?? { dueMs, making, message, ranges: new Ranges(), calls: 0 };
    this.#groups.set(key, group);
    group.ranges.add(index, index + 1);
    group.calls += 1;
  }

  all(): readonly AgainGroup[] {
    return [...this.#groups.values()];
  }
}

export function keyOfMaking({ begun, pauses }: Making): string {
  return `${String(begun)} ${String(pauses)}`;
}
