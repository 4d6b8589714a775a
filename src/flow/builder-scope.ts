import type { FlowScope } from "./flow-scope.ts";
import type { DeclaredParameter } from "./flow-parameters.ts";
import type { NodeInput, NodeOptions } from "./graph.ts";
import type { Handle } from "./handle.ts";
import type { UsableTask } from "./usable-task.ts";

/** One call of a task, as `addCall` takes it. */
export interface NewCall extends NodeOptions {
  readonly task: UsableTask;
  /** @default the task's */
  readonly name?: string | undefined;
  readonly inputs: readonly NodeInput[];
  readonly after: readonly number[];
}

/** A flow, as what a builder calls must know it. */
export interface BuilderScope extends FlowScope {
  addParameter(name: string, declared: DeclaredParameter): Handle<unknown>;
  addCall(call: NewCall): Handle<unknown>;
}
