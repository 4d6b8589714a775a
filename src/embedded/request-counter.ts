import type { RequestCounts } from "./cloud.ts";

/** Counts requests by service and operation, so that a run's cost can be told from the counts (I11). */
export class RequestCounter {
  readonly #counts = new Map<string, Map<string, number>>();

  count(service: string, operation: string): void {
    let operations = this.#counts.get(service);
    if (operations === undefined) this.#counts.set(service, (operations = new Map<string, number>()));
    operations.set(operation, (operations.get(operation) ?? 0) + 1);
  }

  /** A copy: later requests do not change it. */
  snapshot(): RequestCounts {
    return Object.fromEntries(
      [...this.#counts].map(([service, operations]) => [service, Object.fromEntries(operations)]),
    );
  }
}
