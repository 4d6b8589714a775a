/** Counts AWS requests by service and operation, retries included, since each of them is billed (I11). */

export type RequestCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;

type Handler = (args: never) => Promise<unknown>;

/** As much of an SDK client's middleware stack as counting needs; the clients' own types differ from each other. */
interface MiddlewareStack {
  add(
    middleware: <H extends Handler>(next: H, context: { readonly commandName?: string }) => H,
    options: { readonly step: "deserialize"; readonly name: string; readonly priority: "low" },
  ): void;
}

export interface RequestCounter {
  watch(service: string, stack: MiddlewareStack): void;
  counts(): RequestCounts;
  /** The counts since the last `take`. */
  take(): RequestCounts;
  add(counts: RequestCounts): void;
}

export function createRequestCounter(): RequestCounter {
  let counts: Record<string, Record<string, number>> = {};

  const count = (service: string, operation: string, by: number): void => {
    const operations = (counts[service] ??= {});
    operations[operation] = (operations[operation] ?? 0) + by;
  };

  return {
    watch: (service, stack) => {
      stack.add(
        (next, context) =>
          ((args: never) => {
            count(service, (context.commandName ?? "unknown").replace(/Command$/, ""), 1);
            return next(args);
          }) as typeof next,
        // The innermost step runs once for each attempt, so that retries are counted as well.
        { step: "deserialize", name: "countRequests", priority: "low" },
      );
    },
    counts: () => structuredClone(counts),
    take: () => {
      const taken = counts;
      counts = {};
      return taken;
    },
    add: (more) => {
      for (const [service, operations] of Object.entries(more)) {
        for (const [operation, by] of Object.entries(operations)) count(service, operation, by);
      }
    },
  };
}
