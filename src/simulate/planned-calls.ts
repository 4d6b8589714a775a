/** How many calls each task of a graph will have, as far as that can be told without running anything. */
import { InvalidOptionError } from "../base/errors.ts";
import type { Graph, GraphNode, NodeInput, TaskNode } from "../flow/graph.ts";
import { type Bounds, range, rangeLength } from "../flow/range.ts";

type Parameters = Readonly<Record<string, unknown>>;
type Widths = Readonly<Record<string, number>>;

/** Calls by node; undefined where only the run can tell. Parameters have none. */
export function plannedCalls(graph: Graph, parameters: Parameters, widths: Widths): readonly (number | undefined)[] {
  checkWidths(graph, widths);
  const counter = new CallCounter(graph.nodes, parameters, widths);
  return graph.nodes.map((node) => (node.kind === "task" ? counter.callsOf(node) : 0));
}

class CallCounter {
  readonly #nodes: readonly GraphNode[];
  readonly #parameters: Parameters;
  readonly #widths: Widths;
  readonly #found = new Map<TaskNode, number | undefined>();

  constructor(nodes: readonly GraphNode[], parameters: Parameters, widths: Widths) {
    this.#nodes = nodes;
    this.#parameters = parameters;
    this.#widths = widths;
  }

  callsOf(node: TaskNode): number | undefined {
    if (!node.mapped) return 1;
    if (!this.#found.has(node))
      this.#found.set(node, this.#widths[node.slug] ?? this.#widths[node.name] ?? this.#width(node));
    return this.#found.get(node);
  }

  /** The shortest of what is mapped over decides. */
  #width({ inputs }: TaskNode): number | undefined {
    const lengths = inputs.flatMap((input) => [...eachIn(input)]).map((of) => this.#lengthOf(of));
    return lengths.every((length) => length !== undefined) ? Math.min(...lengths) : undefined;
  }

  #lengthOf(input: NodeInput): number | undefined {
    switch (input.kind) {
      case "value":
        return lengthOfValue(input.value);
      case "list":
        return input.items.length;
      case "node":
        return this.#lengthOfNode(this.#nodes[input.node]);
      case "flatten":
        return this.#lengthOfFlattened(input.of);
      case "record":
      case "each":
        return undefined;
    }
  }

  #lengthOfNode(node: GraphNode | undefined): number | undefined {
    if (node === undefined) return undefined;
    if (node.kind === "parameter") return lengthOfValue(this.#parameters[node.name]);
    if (node.mapped) return this.callsOf(node);
    return isRange(node) ? this.#lengthOfRange(node) : undefined;
  }

  /** `range` is the library's own, and its length is arithmetic. */
  #lengthOfRange({ inputs }: TaskNode): number | undefined {
    const bounds = inputs.map((input) => this.#valueOf(input));
    if (!bounds.every((bound) => typeof bound === "number")) return undefined;
    return rangeLength(bounds as Bounds);
  }

  #lengthOfFlattened(input: NodeInput): number | undefined {
    const value = this.#valueOf(input);
    if (!Array.isArray(value)) return undefined;
    return value.reduce<number>((sum, item) => sum + (Array.isArray(item) ? item.length : 1), 0);
  }

  #valueOf(input: NodeInput): unknown {
    if (input.kind === "value") return input.value;
    const node = input.kind === "node" ? this.#nodes[input.node] : undefined;
    return node?.kind === "parameter" ? this.#parameters[node.name] : undefined;
  }
}

function* eachIn(input: NodeInput): Generator<NodeInput> {
  if (input.kind === "each") yield input.of;
  if (input.kind === "list") for (const item of input.items) yield* eachIn(item);
  if (input.kind === "record") for (const [, entry] of input.entries) yield* eachIn(entry);
}

export function isRange({ task }: TaskNode): boolean {
  return (task as unknown) === range;
}

/** Other iterables might be used up by counting them. */
function lengthOfValue(value: unknown): number | undefined {
  if (Array.isArray(value)) return value.length;
  return value instanceof Set || value instanceof Map ? value.size : undefined;
}

function checkWidths({ flowName, nodes }: Graph, widths: Widths): void {
  const mapped = nodes.filter((node) => node.kind === "task" && node.mapped);
  const known = new Set(mapped.flatMap(({ name, slug }) => [name, slug]));
  for (const [name, width] of Object.entries(widths)) {
    if (!known.has(name)) {
      const has =
        mapped.length === 0 ? "no mapped task at all" : [...new Set(mapped.map((node) => node.name))].join(", ");
      throw new InvalidOptionError(`widths: flow "${flowName}" has no mapped task "${name}" (it has ${has})`);
    }
    if (!Number.isSafeInteger(width) || width < 0) {
      throw new InvalidOptionError(`widths: ${name} must be a whole number of at least 0, got ${String(width)}`);
    }
  }
}
