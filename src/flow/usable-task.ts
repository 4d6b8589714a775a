import type { ExecutableTask } from "../executors/executor.ts";
import { Callable } from "./callable.ts";
import type { NodeOptions } from "./graph.ts";

/** What a use of a task needs to know of it. */
export interface UsableTask extends ExecutableTask {
  readonly nodeOptions: NodeOptions;
}

export function isUsableTask(value: unknown): value is UsableTask {
  return value instanceof Callable && "nodeOptions" in value;
}
