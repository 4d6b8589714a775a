/** A flow, as far as handles and tasks must know it; and dependencies that are said one by one, apart from calls. */
import type { Graph, NodeInput } from "./graph.ts";

export interface FlowScope {
  readonly flowName: string;
  /** True for the graphs made of this flow. */
  owns(graph: Graph): boolean;
  /** The node of a task or parameter that was made outside of any flow; it is added where it is missing. */
  nodeOf(member: object): number;
  /** What takes the result of a node: inside a body of `applyMap`, child by child what was made there. */
  inputOf(node: number): NodeInput;
  /** A body of `applyMap` is running: whatever is added is mapped already. */
  readonly isMapping: boolean;
  /** Adds a task or parameter where it is missing; a handle is of the flow already, or refused. */
  ensure(member: object): void;
  /** Adds a task that takes one item of what the handle stands for, and returns its handle. */
  itemOf<H extends object>(of: H, key: PropertyKey): H;
  /** Adds a dependency, and the tasks at its ends where they are missing. */
  connect(edge: Edge): void;
}

/** Whatever has a graph that edges can be added to: a flow. */
export interface FlowLike {
  readonly scope: FlowScope;
}

/** How the downstream task takes what the upstream one gives. */
export interface EdgeOptions {
  /** The property of the body's object argument that takes the result. @default none: the task only waits */
  readonly key?: string | undefined;
  /** The downstream task runs once for each element of the result. @default false */
  readonly mapped?: boolean | undefined;
  /** One level of nesting is removed from the result first. @default false */
  readonly flattened?: boolean | undefined;
}

/** The same for methods that are not a flow's own. */
export interface EdgeOptionsWithFlow extends EdgeOptions {
  /** The flow that gets the edge. @default the flow whose builder is running */
  readonly flow?: FlowLike | undefined;
}

export interface Edge {
  /** A task, a handle, or a value with handles and tasks inside. */
  readonly upstream: unknown;
  /** A task or a handle. */
  readonly downstream: object;
  readonly options: EdgeOptions;
}
