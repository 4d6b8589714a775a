import type { ExecutableTask } from "../executors/executor.ts";
import { Callable } from "./callable.ts";
import type { NodeOptions } from "./graph.ts";
import type { TaskOptions } from "./task-options.ts";

/** What a use of a task needs to know of it. */
export interface UsableTask extends ExecutableTask {
  readonly nodeOptions: NodeOptions;
  /** The same with some options changed, for one use. */
  nodeOptionsWith(changed: TaskOptions): NodeOptions;
}

export function isUsableTask(value: unknown): value is UsableTask {
  return value instanceof Callable && "nodeOptions" in value;
}
