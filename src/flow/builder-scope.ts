import type { Block } from "./block.ts";
import type { FlowScope } from "./flow-scope.ts";
import type { DeclaredParameter } from "./flow-parameters.ts";
import type { NodeInput, NodeOptions } from "./graph.ts";
import type { Handle } from "./handle.ts";
import type { UsableTask } from "./usable-task.ts";

/** One call of a task, as `addCall` takes it. */
export interface NewCall {
  readonly task: UsableTask;
  /** @default the task's */
  readonly name?: string | undefined;
  /** The task's, or what is said for this use alone. */
  readonly options: NodeOptions;
  readonly inputs: readonly NodeInput[];
  readonly after: readonly number[];
  readonly follows?: readonly NodeInput[] | undefined;
  readonly awaits?: readonly number[] | undefined;
  /** What pictures and messages call the node. @default the name of the task */
  readonly label?: string | undefined;
  /** Cleans up behind others: never decides how the flow ends. */
  readonly isUpkeep?: boolean | undefined;
}

/** A flow, as what a builder calls must know it. */
export interface BuilderScope extends FlowScope {
  addParameter(name: string, declared: DeclaredParameter): Handle<unknown>;
  addCall(call: NewCall): Handle<unknown>;
  /** Runs `body` as the inside of `block`. */
  inBlock<R>(block: Block, body: () => R): R;
}
