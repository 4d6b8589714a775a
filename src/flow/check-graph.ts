import { CloudburstError } from "../base/errors.ts";
import type { Graph, GraphNode, NodeInput, TaskNode } from "./graph.ts";
import { inputsAndFollows, nodesIn, referencedNodes } from "./node-references.ts";

/**
 * Makes sure of what `Graph` promises. What a builder makes cannot have a cycle; a graph made by hand can.
 *
 * @throws {CloudburstError} `flow_cycle` when nodes wait for each other, `invalid_graph` for anything else.
 */
export function checkGraph(graph: Graph): void {
  const slugs = new Set<string>();
  for (const [position, node] of graph.nodes.entries()) {
    if (node.id !== position)
      fail(graph, `node "${node.slug}" at position ${String(position)} has id ${String(node.id)}`);
    if (slugs.has(node.slug)) fail(graph, `A task with the slug "${node.slug}" already exists in this flow.`);
    slugs.add(node.slug);
    if (node.kind === "task") checkMapping(graph, node);
    checkReferences(graph, `node "${node.slug}"`, referencedNodes(node));
  }
  checkReferences(graph, "the output", nodesIn(graph.output));
  checkReferences(graph, "referenceNodes", graph.referenceNodes);
  checkAcyclic(graph);
}

function fail(graph: Graph, what: string): never {
  throw new CloudburstError("invalid_graph", `graph of flow "${graph.flowName}" is not valid: ${what}`);
}

function checkReferences(graph: Graph, owner: string, nodes: Iterable<number>): void {
  for (const node of nodes) {
    if (graph.nodes[node] === undefined) fail(graph, `${owner} refers to node ${String(node)}, which does not exist`);
  }
}

function checkMapping(graph: Graph, node: TaskNode): void {
  const misplaced = (): never => fail(graph, `"${node.slug}" maps inside an input that is mapped or flattened`);
  const hasEach = countEach({ kind: "list", items: inputsAndFollows(node) }, misplaced) > 0;
  if (hasEach === node.mapped) return;
  fail(graph, `"${node.slug}" says mapped: ${String(node.mapped)}, its inputs say ${String(hasEach)}`);
}

/** How many `each` the input holds; `misplaced` is called for one inside another or inside a `flatten`. */
function countEach(input: NodeInput, misplaced: () => never): number {
  switch (input.kind) {
    case "value":
    case "node":
      return 0;
    case "list":
      return input.items.reduce((sum, item) => sum + countEach(item, misplaced), 0);
    case "record":
      return input.entries.reduce((sum, [, entry]) => sum + countEach(entry, misplaced), 0);
    case "flatten":
      return countEach(input.of, misplaced) === 0 ? 0 : misplaced();
    case "each":
      return countEach(input.of, misplaced) === 0 ? 1 : misplaced();
  }
}

/** Takes away nodes without upstreams (Kahn) until none is left, or until the rest is on a cycle or behind one. */
function checkAcyclic(graph: Graph): void {
  const missing = graph.nodes.map((node) => referencedNodes(node).length);
  const downstreams = downstreamsOf(graph.nodes);
  const ready = graph.nodes.filter((node) => missing[node.id] === 0).map((node) => node.id);
  for (const id of ready) {
    for (const next of downstreams.get(id) ?? []) {
      const left = (missing[next] ?? 0) - 1;
      missing[next] = left;
      if (left === 0) ready.push(next);
    }
  }
  if (ready.length === graph.nodes.length) return;
  const cycle = findCycle(
    graph,
    graph.nodes.findIndex((node) => (missing[node.id] ?? 0) > 0),
    missing,
  );
  throw new CloudburstError(
    "flow_cycle",
    `Cycle found; flows must be acyclic! (flow "${graph.flowName}": ${cycle.join(" → ")}; ` +
      "take away one of these dependencies)",
    { data: { cycle } },
  );
}

function downstreamsOf(nodes: readonly GraphNode[]): ReadonlyMap<number, readonly number[]> {
  const downstreams = new Map<number, number[]>();
  for (const node of nodes) {
    for (const upstream of referencedNodes(node)) {
      const known = downstreams.get(upstream);
      if (known === undefined) downstreams.set(upstream, [node.id]);
      else known.push(node.id);
    }
  }
  return downstreams;
}

/** Follows upstreams that never became ready: each such node has one, so that the walk must meet itself. */
function findCycle(graph: Graph, start: number, missing: readonly number[]): string[] {
  const path: GraphNode[] = [];
  let node = graph.nodes[start];
  while (node !== undefined && !path.includes(node)) {
    path.push(node);
    const upstream = referencedNodes(node).find((id) => (missing[id] ?? 0) > 0);
    node = upstream === undefined ? undefined : graph.nodes[upstream];
  }
  const cycle = node === undefined ? path : [...path.slice(path.indexOf(node)), node];
  return cycle.map(({ slug }) => slug).reverse();
}
