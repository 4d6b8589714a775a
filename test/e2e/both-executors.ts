/** The same spec on the local executor and on workers. */
import { describe } from "vitest";
import type { Executor } from "../../src/index.ts";

interface ExecutorClasses {
  readonly LocalExecutor: new () => Executor;
  readonly FargateExecutor: new (options: {
    clusterKwargs: { nWorkers: number; threadsPerWorker: number };
  }) => Executor;
}

export function describeOnBoth(
  { LocalExecutor, FargateExecutor }: ExecutorClasses,
  spec: (executor: Executor, name: string) => void,
): void {
  describe("on the local executor", () => {
    spec(new LocalExecutor(), "local");
  });
  describe("on workers", () => {
    spec(new FargateExecutor({ clusterKwargs: { nWorkers: 1, threadsPerWorker: 2 } }), "workers");
  });
}
