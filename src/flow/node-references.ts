import type { EachInput, GraphNode, NodeInput, TaskNode } from "./graph.ts";

/** The nodes that `input` takes values from, with repetitions. */
export function* nodesIn(input: NodeInput): Generator<number> {
  switch (input.kind) {
    case "value":
      return;
    case "node":
      yield input.node;
      return;
    case "list":
      for (const item of input.items) yield* nodesIn(item);
      return;
    case "record":
      for (const [, entry] of input.entries) yield* nodesIn(entry);
      return;
    case "flatten":
    case "each":
      yield* nodesIn(input.of);
  }
}

/** The upstreams of a node, each once: first those of its inputs, then those it merely runs after. */
export function referencedNodes(node: GraphNode): readonly number[] {
  if (node.kind === "parameter") return [];
  const { after, awaits = [] } = node;
  return [...new Set([...inputsAndFollows(node).flatMap((input) => [...nodesIn(input)]), ...after, ...awaits])];
}

/** All that a node may be mapped over. */
export function inputsAndFollows({ inputs, follows }: TaskNode): readonly NodeInput[] {
  return follows === undefined ? inputs : [...inputs, ...follows];
}

/** Every `each` in an input, in order. */
export function eachInputs(input: NodeInput): readonly EachInput[] {
  switch (input.kind) {
    case "each":
      return [input];
    case "list":
      return input.items.flatMap(eachInputs);
    case "record":
      return input.entries.flatMap(([, entry]) => eachInputs(entry));
    case "flatten":
      return eachInputs(input.of);
    default:
      return [];
  }
}

/** Whether some part of the input differs from child to child. */
export function holdsEach(input: NodeInput): boolean {
  if (input.kind === "list") return input.items.some(holdsEach);
  if (input.kind === "record") return input.entries.some(([, entry]) => holdsEach(entry));
  return input.kind === "each";
}
