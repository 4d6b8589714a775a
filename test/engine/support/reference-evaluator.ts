import type { Graph, NodeInput, TaskNode } from "../../../src/flow/graph.ts";
import { toError } from "../../../src/base/errors.ts";
import { isSignal } from "../../../src/flow/signals.ts";

/** What a task ends as, told the plain way. */
export type Expected =
  | { readonly kind: "Success"; readonly value: unknown }
  /** `value` stands for the result where a signal named one. */
  | { readonly kind: "Skipped"; readonly value?: unknown }
  | { readonly kind: "Failed" | "TriggerFailed"; readonly error: Error; readonly value?: unknown }
  | { readonly kind: "Mapped"; readonly children: readonly Expected[] };

/**
 * The states of all nodes of a graph without parameters, one node after the other and with everything at hand: slow,
 * short, and written without a look at the engine.
 */
export function evaluate(graph: Graph): readonly Expected[] {
  const states: Expected[] = [];
  for (const node of graph.nodes) {
    if (node.kind === "parameter") throw new Error("no parameters here");
    states.push(
      node.mapped
        ? evaluateMapped(node, graph, states)
        : evaluateCall(
            node,
            wholeStates(node, graph, states),
            node.inputs.map((input) => valueOf(input, states)),
          ),
    );
  }
  return states;
}

function evaluateCall(node: TaskNode, upstream: ReadonlySet<Expected> | undefined, args: readonly unknown[]): Expected {
  if (upstream !== undefined) {
    const all = [...upstream];
    const counts = {
      total: all.length,
      successful: all.filter(({ kind }) => kind === "Success" || kind === "Skipped" || kind === "Mapped").length,
      failed: all.filter(({ kind }) => kind === "Failed" || kind === "TriggerFailed").length,
      skipped: all.filter(({ kind }) => kind === "Skipped").length,
    };
    if (node.skipOnUpstreamSkip && counts.skipped > 0) return { kind: "Skipped" };
    if (node.trigger.skips?.(counts) === true) return { kind: "Skipped" };
    if (!node.trigger.test(counts)) return { kind: "TriggerFailed", error: new Error(node.trigger.message) };
  }
  try {
    return { kind: "Success", value: Reflect.apply(node.task.run, undefined, args) as unknown };
  } catch (thrown) {
    return thrownState(toError(thrown));
  }
}

function thrownState(error: Error): Expected {
  if (!isSignal(error)) return { kind: "Failed", error };
  const { cloudburstSignal: kind, result: value } = error;
  if (kind === "SKIP") return { kind: "Skipped", value };
  if (kind === "SUCCESS") return { kind: "Success", value };
  return { kind: kind === "TRIGGERFAIL" ? "TriggerFailed" : "Failed", error, value };
}

interface Element {
  readonly value: unknown;
  readonly upstream: readonly Expected[];
}

function evaluateMapped(node: TaskNode, graph: Graph, states: readonly Expected[]): Expected {
  const whole = wholeStates(node, graph, states);
  if (node.skipOnUpstreamSkip && [...(whole ?? [])].some(({ kind }) => kind === "Skipped")) return { kind: "Skipped" };
  const columns = new Map<NodeInput, readonly Element[] | "no elements">();
  for (const input of eachInputs(node)) {
    const found = elementsOf(input, states);
    if (found === "unmappable") return failed("unmappable");
    columns.set(input, found);
  }
  const lists = [...columns.values()].filter((column) => column !== "no elements");
  if (lists.length === 0) return failed("nothing to map over");
  const width = Math.min(...lists.map((list) => list.length));
  const hasUpstream = node.after.length > 0 || node.inputs.some((input) => nodesOf(input).length > 0);
  const children = Array.from({ length: width }, (_, index) => {
    const upstream = new Set(whole);
    for (const list of lists) for (const state of list[index]?.upstream ?? []) upstream.add(state);
    const args = node.inputs.map((input) => argumentAt(input, index, columns, states));
    return evaluateCall(node, hasUpstream ? upstream : undefined, args);
  });
  return { kind: "Mapped", children };
}

const failed = (message: string): Expected => ({ kind: "Failed", error: new Error(message) });

function argumentAt(
  input: NodeInput,
  index: number,
  columns: ReadonlyMap<NodeInput, readonly Element[] | "no elements">,
  states: readonly Expected[],
): unknown {
  if (input.kind !== "each") return valueOf(input, states);
  const column = columns.get(input);
  return column === undefined || column === "no elements" ? valueOf(input.of, states) : column[index]?.value;
}

/** Upstreams that count for all calls; a mapped one by its children. Undefined when the node has no upstreams at all. */
function wholeStates(node: TaskNode, graph: Graph, states: readonly Expected[]): ReadonlySet<Expected> | undefined {
  const all = [...node.after, ...node.inputs.flatMap(nodesOf)];
  if (all.length === 0) return undefined;
  const whole = new Set<Expected>();
  const addNode = (id: number): void => {
    const state = stateOf(id, states);
    for (const each of state.kind === "Mapped" ? state.children : [state]) whole.add(each);
  };
  for (const id of node.after) addNode(id);
  for (const input of node.inputs)
    for (const id of nodesOf(input)) if (countsWhole(input, id, graph, states)) addNode(id);
  return whole;
}

function countsWhole(input: NodeInput, id: number, graph: Graph, states: readonly Expected[]): boolean {
  if (input.kind !== "each" || !countsByElement(input.of, graph)) return true;
  // A mapped upstream without children counts as what it is.
  return input.of.kind !== "list" && !isList(input.of) && stateOf(id, states).kind !== "Mapped";
}

function isList(of: NodeInput): boolean {
  return of.kind === "flatten" && of.of.kind === "list";
}

function countsByElement(of: NodeInput, graph: Graph): boolean {
  const inner = of.kind === "flatten" ? of.of : of;
  if (inner.kind === "list") return true;
  const node = inner.kind === "node" ? graph.nodes[inner.node] : undefined;
  return node?.kind === "task" && node.mapped;
}

function elementsOf(of: NodeInput, states: readonly Expected[]): readonly Element[] | "no elements" | "unmappable" {
  if (of.kind === "each") return elementsOf(of.of, states);
  if (of.kind === "list") {
    return of.items.map((item) => ({
      value: valueOf(item, states),
      upstream: nodesOf(item).flatMap((id) => statesOf(id, states)),
    }));
  }
  if (of.kind === "flatten") {
    const lists = elementsOf(of.of, states);
    if (typeof lists === "string") return lists;
    return lists.flatMap(({ value, upstream }) =>
      Array.isArray(value) ? value.map((element: unknown) => ({ value: element, upstream })) : [{ value, upstream }],
    );
  }
  if (of.kind === "node") {
    const state = stateOf(of.node, states);
    if (state.kind === "Mapped") return state.children.map((child) => ({ value: resultOf(child), upstream: [child] }));
    if (state.kind === "Failed" || state.kind === "TriggerFailed") return "no elements";
  }
  const value = valueOf(of, states);
  return Array.isArray(value) ? value.map((element: unknown) => ({ value: element, upstream: [] })) : "unmappable";
}

function statesOf(id: number, states: readonly Expected[]): readonly Expected[] {
  const state = stateOf(id, states);
  return state.kind === "Mapped" ? state.children : [state];
}

function stateOf(id: number, states: readonly Expected[]): Expected {
  const state = states[id];
  if (state === undefined) throw new Error(`node ${String(id)} is used before it is made`);
  return state;
}

export function resultOf(state: Expected): unknown {
  switch (state.kind) {
    case "Success":
      return state.value;
    case "Mapped":
      return state.children.map(resultOf);
    case "Skipped":
      return state.value ?? null;
    case "Failed":
    case "TriggerFailed":
      return state.value ?? state.error;
  }
}

function valueOf(input: NodeInput, states: readonly Expected[]): unknown {
  switch (input.kind) {
    case "value":
      return input.value;
    case "node":
      return resultOf(stateOf(input.node, states));
    case "list":
      return input.items.map((item) => valueOf(item, states));
    case "record":
      return Object.fromEntries(input.entries.map(([key, entry]) => [key, valueOf(entry, states)]));
    case "flatten": {
      const value = valueOf(input.of, states);
      return Array.isArray(value) ? (value as unknown[]).flat(1) : value;
    }
    case "each":
      return valueOf(input.of, states);
  }
}

function eachInputs(node: TaskNode): readonly NodeInput[] {
  return node.inputs.filter((input) => input.kind === "each");
}

function nodesOf(input: NodeInput): readonly number[] {
  switch (input.kind) {
    case "value":
      return [];
    case "node":
      return [input.node];
    case "list":
      return input.items.flatMap(nodesOf);
    case "record":
      return input.entries.flatMap(([, entry]) => nodesOf(entry));
    case "flatten":
    case "each":
      return nodesOf(input.of);
  }
}
