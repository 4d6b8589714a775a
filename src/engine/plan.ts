/** What the scheduler must know of each node, found once before the run: who waits for whom, and how. */
import { unreachable } from "../base/errors.ts";
import type { EachInput, Graph, GraphNode, NodeInput, TaskNode } from "../flow/graph.ts";
import { eachInputs, inputsAndFollows, nodesIn } from "../flow/node-references.ts";

export interface NodePlan {
  readonly node: GraphNode;
  /** Upstreams that count for every call: all children of a mapped one. */
  readonly whole: readonly number[];
  /** Mapped upstreams of which child i counts for call i only. */
  readonly elementwise: readonly number[];
  /** Mapped upstreams whose results are flattened: a child counts for the calls that its elements go to. */
  readonly flattened: readonly number[];
  /** Upstreams in a list that is mapped over: each counts for the call that its item goes to. */
  readonly listed: readonly number[];
  /** Upstreams that must have finished, and count for no call. */
  readonly uncounted: readonly number[];
  /** Nodes that wait until this one has finished. */
  readonly dependents: readonly number[];
  /** Nodes that wait until this one's width is known, and then for child after child. */
  readonly followers: readonly number[];
  /** Somebody flattens the results. */
  readonly wantsLengths: boolean;
}

interface Upstreams {
  readonly whole: Set<number>;
  readonly elementwise: Set<number>;
  readonly flattened: Set<number>;
  readonly listed: Set<number>;
  readonly uncounted: Set<number>;
}

export function planGraph(graph: Graph): readonly NodePlan[] {
  const upstreams = graph.nodes.map((node) => upstreamsOf(graph, node));
  const dependents = invert(upstreams, ({ whole, flattened, listed, uncounted }) => [
    ...whole,
    ...flattened,
    ...listed,
    ...uncounted,
  ]);
  const followers = invert(upstreams, ({ elementwise }) => [...elementwise]);
  const flattened = flattenedNodes(graph);
  return graph.nodes.map((node, id) => ({
    node,
    whole: [...(upstreams[id]?.whole ?? [])],
    elementwise: [...(upstreams[id]?.elementwise ?? [])],
    flattened: [...(upstreams[id]?.flattened ?? [])],
    listed: [...(upstreams[id]?.listed ?? [])],
    uncounted: [...(upstreams[id]?.uncounted ?? [])],
    dependents: dependents[id] ?? [],
    followers: followers[id] ?? [],
    wantsLengths: flattened.has(id),
  }));
}

/** How many upstreams must have finished, or told their width, before the node is considered. */
export function awaitedUpstreams({ whole, elementwise, flattened, listed, uncounted }: NodePlan): number {
  return whole.length + elementwise.length + flattened.length + listed.length + uncounted.length;
}

function upstreamsOf(graph: Graph, node: GraphNode): Upstreams {
  const found: Upstreams = {
    whole: new Set(),
    elementwise: new Set(),
    flattened: new Set(),
    listed: new Set(),
    uncounted: new Set(node.kind === "task" ? node.awaits : []),
  };
  if (node.kind === "parameter") return found;
  for (const upstream of node.after) found.whole.add(upstream);
  for (const input of inputsAndFollows(node)) sortUpstreams(graph, input, found);
  // A node that counts as a whole waits for all children anyway; counting one of them again would count it twice.
  for (const upstream of found.whole) {
    found.elementwise.delete(upstream);
    found.flattened.delete(upstream);
    found.listed.delete(upstream);
  }
  for (const group of [found.whole, found.elementwise, found.flattened, found.listed]) {
    for (const upstream of group) found.uncounted.delete(upstream);
  }
  return found;
}

function sortUpstreams(graph: Graph, input: NodeInput, found: Upstreams): void {
  for (const { of } of eachInputs(input)) {
    const group = groupOf(graph, of, found);
    for (const node of nodesIn(of)) group.add(node);
  }
  for (const node of nodesOutsideEach(input)) found.whole.add(node);
}

function groupOf(graph: Graph, of: NodeInput, found: Upstreams): Set<number> {
  const source = of.kind === "flatten" ? of.of : of;
  if (source.kind === "list") return found.listed;
  if (source.kind !== "node" || !isMapped(graph, source.node)) return found.whole;
  return of.kind === "flatten" ? found.flattened : found.elementwise;
}

function isMapped(graph: Graph, node: number): boolean {
  const found = graph.nodes[node];
  return found?.kind === "task" && found.mapped;
}

/** Nodes whose elements, or elements' elements, a `flatten` opens. */
function flattenedNodes(graph: Graph): ReadonlySet<number> {
  const found = new Set<number>();
  const visit = (input: NodeInput): void => {
    if (input.kind === "flatten") for (const node of nodesIn(input.of)) found.add(node);
    for (const part of partsOf(input)) visit(part);
  };
  for (const node of graph.nodes) if (node.kind === "task") for (const input of node.inputs) visit(input);
  visit(graph.output);
  return found;
}

function invert(
  upstreams: readonly Upstreams[],
  pick: (of: Upstreams) => readonly number[],
): readonly (readonly number[])[] {
  const downstreams: number[][] = upstreams.map(() => []);
  for (const [id, of] of upstreams.entries()) for (const upstream of pick(of)) downstreams[upstream]?.push(id);
  return downstreams;
}

export function eachInputsOf(node: TaskNode): readonly EachInput[] {
  return inputsAndFollows(node).flatMap(eachInputs);
}

/** Every node that an input names outside of `each`. */
function nodesOutsideEach(input: NodeInput): readonly number[] {
  if (input.kind === "node") return [input.node];
  return input.kind === "each" ? [] : partsOf(input).flatMap(nodesOutsideEach);
}

function partsOf(input: NodeInput): readonly NodeInput[] {
  switch (input.kind) {
    case "value":
    case "node":
      return [];
    case "list":
      return input.items;
    case "record":
      return input.entries.map(([, part]) => part);
    case "flatten":
    case "each":
      return [input.of];
    default:
      return unreachable(input);
  }
}
