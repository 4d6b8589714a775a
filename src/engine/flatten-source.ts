/** Mapping over flattened lists: where the values are at hand the elements are joined here, else where the calls run. */
import { type Column, type Input, RemoteValue } from "../executors/executor.ts";
import type { NodeInput } from "../flow/graph.ts";
import type { ChildStates } from "./child-states.ts";
import { elementsOf, lengthOf, Unmappable } from "./elements.ts";
import { holdsValue, homeValue, remoteNodesIn } from "./home-values.ts";
import { type CountAt, countItems, type FoundSource, type MapContext, type MapSource } from "./map-context.ts";
import { type NodeStates, stateOf } from "./node-state.ts";
import { resolveInput } from "./resolve-inputs.ts";
import { addCode } from "./upstream-counts.ts";

/** The lengths of the lists are known, so that nothing has to come home. */
export function flattensInPlace(of: NodeInput, states: NodeStates): boolean {
  if (of.kind === "list") return of.items.every((item) => item.kind === "node" || item.kind === "value");
  if (of.kind !== "node") return false;
  const state = stateOf(states, of.node);
  if (state.kind === "Mapped") return state.children.lengths() !== undefined;
  return holdsValue(state) && state.value instanceof RemoteValue && state.value.elementLengths !== undefined;
}

/** `whole` finds what a node gives that has nothing to flatten, because it did not succeed. */
export function flattenSource(
  of: NodeInput,
  context: MapContext,
  whole: (node: number, states: NodeStates) => FoundSource,
): FoundSource {
  const { states } = context;
  const remote = remoteNodesIn(of, states).length > 0;
  if (of.kind === "list") return remote ? remoteItems(of.items, context) : itemsAtHand(of.items, context);
  if (of.kind !== "node") return listsAtHand(homeValue(of, states));
  const state = stateOf(states, of.node);
  if (state.kind === "Mapped") {
    const countAt = context.counted.has(of.node) ? undefined : countChildren(state.children);
    return remote ? remoteChildren(state.children, countAt) : childrenAtHand(state.children, countAt);
  }
  if (!holdsValue(state)) return whole(of.node, states);
  if (!(state.value instanceof RemoteValue)) return listsAtHand(state.value);
  return flatColumn({ kind: "elements", of: state.value }, state.value.elementLengths ?? [], undefined);
}

function itemsAtHand(items: readonly NodeInput[], context: MapContext): MapSource {
  const lists = items.map((item) => homeValue(item, context.states));
  return joined(lists, countItems(items, context));
}

function childrenAtHand(children: ChildStates, countAt: CountAt | undefined): MapSource {
  return joined(children.toList(), countAt);
}

function listsAtHand(value: unknown): FoundSource {
  const lists = elementsOf(value);
  return lists instanceof Unmappable ? lists : joined(lists, undefined);
}

function joined(lists: readonly unknown[], countAt: CountAt | undefined): MapSource {
  const values: unknown[] = [];
  for (const list of lists) {
    if (Array.isArray(list)) for (const value of list as unknown[]) values.push(value);
    else values.push(list);
  }
  return {
    column: { kind: "values", values },
    width: values.length,
    countAt: countAt && throughLengths(lists.map(lengthOf), countAt),
  };
}

function remoteItems(items: readonly NodeInput[], context: MapContext): MapSource {
  const inputs = items.map((item) => resolveInput(item, context.states));
  return flatColumn({ kind: "inputs", items: inputs }, inputs.map(inputLength), countItems(items, context));
}

function remoteChildren(children: ChildStates, countAt: CountAt | undefined): MapSource {
  return flatColumn({ kind: "results", results: children }, children.lengths() ?? [], countAt);
}

function inputLength(input: Input): number {
  if (input.kind === "remote") return input.value.length ?? -1;
  if (input.kind === "results") return input.results.width;
  return input.kind === "value" ? lengthOf(input.value) : -1;
}

function flatColumn(of: Column, lengths: readonly number[], countAt: CountAt | undefined): MapSource {
  const width = lengths.reduce((sum, length) => sum + elementCount(length), 0);
  return { column: { kind: "flatten", of, lengths }, width, countAt: countAt && throughLengths(lengths, countAt) };
}

/** What is no list counts as one element. */
function elementCount(length: number): number {
  return length < 0 ? 1 : length;
}

function countChildren(children: ChildStates): CountAt {
  return (index, counts) => {
    addCode(counts, children.codeAt(index));
  };
}

/** A flattened element counts the upstream of the list that it comes from. */
function throughLengths(lengths: readonly number[], countAt: CountAt): CountAt {
  const origins = new Uint32Array(lengths.reduce((sum, length) => sum + elementCount(length), 0));
  let next = 0;
  for (const [origin, length] of lengths.entries()) {
    origins.fill(origin, next, next + elementCount(length));
    next += elementCount(length);
  }
  return (index, counts) => {
    countAt(origins[index] ?? 0, counts);
  };
}
