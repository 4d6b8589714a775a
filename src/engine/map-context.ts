/** What finding the elements of a mapped node needs, and what it finds. */
import type { Column } from "../executors/executor.ts";
import type { Graph, NodeInput } from "../flow/graph.ts";
import { nodesIn } from "../flow/node-references.ts";
import type { Unmappable } from "./elements.ts";
import { type NodeStates, stateOf } from "./node-state.ts";
import { addNode, type Counts } from "./upstream-counts.ts";

/** Adds to `counts` the upstreams that call `index` alone has. */
export type CountAt = (index: number, counts: Counts) => void;

export interface MapSource {
  readonly column: Column;
  readonly width: number;
  /** Where elements come from different upstreams. */
  readonly countAt: CountAt | undefined;
}

/** `no elements`: the upstream did not succeed. */
export type FoundSource = MapSource | Unmappable | "no elements";

export interface MapContext {
  readonly graph: Graph;
  readonly states: NodeStates;
  /** Upstreams that count for every call already. */
  readonly counted: ReadonlySet<number>;
}

/** Item `index` of a list of inputs is the business of call `index` alone. */
export function countItems(items: readonly NodeInput[], { states, counted }: MapContext): CountAt {
  return (index, counts) => {
    const item = items[index];
    if (item === undefined) return;
    for (const node of new Set(nodesIn(item))) if (!counted.has(node)) addNode(counts, stateOf(states, node));
  };
}
