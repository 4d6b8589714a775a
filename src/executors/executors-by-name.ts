/** The executors that a configuration may name. */
import type { Executor } from "./executor.ts";
import { FargateExecutor } from "./fargate-executor.ts";
import { LocalExecutor } from "./local-executor.ts";
import { ParallelExecutor } from "./parallel-executor.ts";

/** What of a configuration concerns executors. */
export interface ExecutorConfig {
  readonly engine: { readonly executor: { readonly fargate: object } };
}

export const executorsByName: Readonly<Record<string, (config: ExecutorConfig) => Executor>> = {
  LocalExecutor: () => new LocalExecutor(),
  ParallelExecutor: () => new ParallelExecutor(),
  // Checked by the executor itself, as whatever else it is given.
  FargateExecutor: ({ engine }) => new FargateExecutor(engine.executor.fargate),
};
