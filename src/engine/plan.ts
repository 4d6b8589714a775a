/** What the scheduler must know of each node, found once before the run: who waits for whom, and how. */
import { unreachable } from "../base/errors.ts";
import type { Graph, GraphNode, NodeInput, TaskNode } from "../flow/graph.ts";
import { nodesIn } from "../flow/node-references.ts";

export interface NodePlan {
  readonly node: GraphNode;
  /** Upstreams that count for every call: all children of a mapped one. */
  readonly whole: readonly number[];
  /** Mapped upstreams of which child i counts for call i only. */
  readonly elementwise: readonly number[];
  /** Upstreams that must have finished and then count for single calls: lists mapped over, and flattened results. */
  readonly scattered: readonly number[];
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
  readonly scattered: Set<number>;
}

export function planGraph(graph: Graph): readonly NodePlan[] {
  const upstreams = graph.nodes.map((node) => upstreamsOf(graph, node));
  const dependents = invert(upstreams, ({ whole, scattered }) => [...whole, ...scattered]);
  const followers = invert(upstreams, ({ elementwise }) => [...elementwise]);
  const flattened = flattenedNodes(graph);
  return graph.nodes.map((node, id) => ({
    node,
    whole: [...(upstreams[id]?.whole ?? [])],
    elementwise: [...(upstreams[id]?.elementwise ?? [])],
    scattered: [...(upstreams[id]?.scattered ?? [])],
    dependents: dependents[id] ?? [],
    followers: followers[id] ?? [],
    wantsLengths: flattened.has(id),
  }));
}

function upstreamsOf(graph: Graph, node: GraphNode): Upstreams {
  const found: Upstreams = { whole: new Set(), elementwise: new Set(), scattered: new Set() };
  if (node.kind === "parameter") return found;
  for (const upstream of node.after) found.whole.add(upstream);
  for (const input of node.inputs) sortUpstreams(graph, input, found);
  // A node that counts as a whole waits for all children anyway; counting one of them again would count it twice.
  for (const upstream of found.whole) {
    found.elementwise.delete(upstream);
    found.scattered.delete(upstream);
  }
  for (const upstream of found.scattered) found.elementwise.delete(upstream);
  return found;
}

function sortUpstreams(graph: Graph, input: NodeInput, found: Upstreams): void {
  for (const each of eachInputs(input)) {
    const { of } = each;
    if (of.kind === "node" && isMapped(graph, of.node)) found.elementwise.add(of.node);
    else for (const node of nodesIn(of)) (isScattered(graph, of) ? found.scattered : found.whole).add(node);
  }
  for (const node of nodesOutsideEach(input)) found.whole.add(node);
}

/** Which call a node counts for can be told for lists, and for flattened mapped tasks and lists. */
function isScattered(graph: Graph, of: NodeInput): boolean {
  if (of.kind === "list") return true;
  if (of.kind !== "flatten") return false;
  return of.of.kind === "list" || (of.of.kind === "node" && isMapped(graph, of.of.node));
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

export type EachInput = Extract<NodeInput, { kind: "each" }>;

/** Every `each` in an input, in order. */
export function eachInputs(input: NodeInput): readonly EachInput[] {
  return input.kind === "each" ? [input] : partsOf(input).flatMap(eachInputs);
}

export function eachInputsOf(node: TaskNode): readonly EachInput[] {
  return node.inputs.flatMap(eachInputs);
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
