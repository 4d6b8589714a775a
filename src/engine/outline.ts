/** What of a flow decides which call a result is of: its nodes, and where each takes its arguments from. */
import type { Graph, GraphNode, NodeInput } from "../flow/graph.ts";

/**
 * By slug, text that changes when the node's results would be those of other calls. What a task does, and the constants that
 * it is given, are not in it: code may change between two drivers of a run.
 */
export function outlineOf({ nodes }: Graph): Readonly<Record<string, string>> {
  const slugOf = (id: number): string => nodes[id]?.slug ?? "?";
  return Object.fromEntries(nodes.map((node) => [node.slug, nodeOutline(node, slugOf)]));
}

type SlugOf = (node: number) => string;

function nodeOutline(node: GraphNode, slugOf: SlugOf): string {
  if (node.kind === "parameter") return "parameter";
  const { inputs, follows = [], after, awaits = [] } = node;
  const text = (input: NodeInput): string => inputOutline(input, slugOf);
  const behind = [...new Set([...follows.map(text), ...[...after, ...awaits].map(slugOf)])].sort();
  return `(${inputs.map(text).join(", ")})${behind.length === 0 ? "" : ` after ${behind.join(", ")}`}`;
}

function inputOutline(input: NodeInput, slugOf: SlugOf): string {
  switch (input.kind) {
    case "value":
      return "_";
    case "node":
      return slugOf(input.node);
    case "list":
      return `[${input.items.map((item) => inputOutline(item, slugOf)).join(", ")}]`;
    case "record":
      return `{${input.entries.map(([key, entry]) => `${key}: ${inputOutline(entry, slugOf)}`).join(", ")}}`;
    case "flatten":
      return `flatten(${inputOutline(input.of, slugOf)})`;
    case "each":
      return `each(${inputOutline(input.of, slugOf)})`;
  }
}
