import type { GraphNode, NodeInput } from "./graph.ts";

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
  return [...new Set([...node.inputs.flatMap((input) => [...nodesIn(input)]), ...node.after])];
}

/** Whether some part of the input differs from child to child. */
export function holdsEach(input: NodeInput): boolean {
  if (input.kind === "list") return input.items.some(holdsEach);
  if (input.kind === "record") return input.entries.some(([, entry]) => holdsEach(entry));
  return input.kind === "each";
}
