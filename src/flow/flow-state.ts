/** How a run of a flow ends, and what one asks it for. */

import type { ClusterReport } from "../executors/executor.ts";
import type { Graph } from "./graph.ts";
import type { State } from "./state.ts";

/** What names a task of a flow: a handle, a parameter, or a task that was added itself; or the number of a node. */
export type NodeRef =
  | { readonly node: number }
  /** Its node's position in that graph; undefined in a graph that has no such node. */
  | { nodeIn(graph: Graph): number | undefined };

/** How a flow run ended. */
export interface FlowState<R = unknown> {
  /** Paused: some tasks wait for somebody's word, and what depends on them was not run. */
  readonly kind: "Success" | "Failed" | "Cancelled" | "Paused";
  readonly message: string;
  /** What the builder returned, with each handle replaced by its value; a failed task is there as its error. */
  readonly result: R;
  /** The first error, in the order of the tasks; undefined when none of the reference tasks failed. */
  readonly error: Error | undefined;
  readonly runId: string;
  /** The parameters as the tasks saw them, defaults filled in. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly elapsedMs: number;
  /** What the run used of its cluster, if it had one. */
  readonly report: ClusterReport | undefined;
  /**
   * The state of one task of the flow.
   *
   * @throws {InvalidOptionError} when the handle is not of this flow.
   */
  of(handle: NodeRef): State;
}
