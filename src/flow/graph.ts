/** What a flow is once its builder has run: tasks as nodes in the order of their creation, edges through their inputs. */

import type { ExecutableTask } from "../executors/executor.ts";
import type { TaskHandlers } from "./handlers.ts";
import type { Keeping } from "./keep-options.ts";
import type { RetryPolicy } from "./retry-policy.ts";
import type { Trigger } from "./trigger.ts";

/** Where an argument of a node comes from. */
export type NodeInput =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "node"; readonly node: number }
  | { readonly kind: "list"; readonly items: readonly NodeInput[] }
  | { readonly kind: "record"; readonly entries: readonly (readonly [key: string, input: NodeInput])[] }
  /** One level of nesting removed. */
  | { readonly kind: "flatten"; readonly of: NodeInput }
  /** Child i of the node takes element i. Never inside another `each` or a `flatten`. */
  | { readonly kind: "each"; readonly of: NodeInput };

export type EachInput = Extract<NodeInput, { readonly kind: "each" }>;

interface NodeBase {
  /** Position in the graph, and order of creation. */
  readonly id: number;
  readonly name: string;
  /** Unique in the flow, stable from run to run: `name-1`, `name-2`, … */
  readonly slug: string;
}

export interface ParameterNode extends NodeBase {
  readonly kind: "parameter";
}

/** How a task behaves wherever it is used. */
export interface NodeOptions {
  readonly trigger: Trigger;
  /** A skipped upstream skips this node as well, before the trigger is asked. */
  readonly skipOnUpstreamSkip: boolean;
  /** Makes calls that failed again. @default never */
  readonly retry?: RetryPolicy | undefined;
  /** Told of every change of its states. @default nobody */
  readonly handlers?: TaskHandlers | undefined;
  /** Sorted. @default none */
  readonly tags?: readonly string[] | undefined;
  /** How long one turn of a call may take, in milliseconds. @default as configured, else for ever */
  readonly timeoutMs?: number | undefined;
  /** What the body prints becomes lines of the log. @default false */
  readonly logStdout?: boolean | undefined;
  /** Results that outlive the run. @default none */
  readonly keeping?: Keeping | undefined;
}

export interface TaskNode extends NodeBase, NodeOptions {
  readonly kind: "task";
  readonly task: ExecutableTask;
  /** One for each positional argument. The node is mapped when an `each` occurs in them, or in `follows`. */
  readonly inputs: readonly NodeInput[];
  /** Nodes that must have finished first although they give no argument. */
  readonly after: readonly number[];
  /** Mapped over without being taken as an argument: each holds an `each`. */
  readonly follows?: readonly NodeInput[] | undefined;
  /** Nodes that must have finished first, however they ended: neither the trigger nor skipping asks about them. */
  readonly awaits?: readonly number[] | undefined;
  readonly mapped: boolean;
}

export type GraphNode = ParameterNode | TaskNode;

/** A checked graph: acyclic, slugs unique, every reference inside. */
export interface Graph {
  readonly flowName: string;
  readonly nodes: readonly GraphNode[];
  /** What the builder returned; its result becomes `state.result`. */
  readonly output: NodeInput;
  /** Nodes that decide the final state; the terminal ones unless set. */
  readonly referenceNodes: readonly number[];
  /** The nodes of tasks and parameters that were added themselves, not by a call. */
  readonly members?: ReadonlyMap<object, number> | undefined;
}
