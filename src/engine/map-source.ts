/** What a mapped node maps over: for each of its `each` inputs the elements, their number, and whose result they are. */
import { CloudburstError, toError } from "../base/errors.ts";
import { RemoteValue } from "../executors/executor.ts";
import type { EachInput, Graph, NodeInput, TaskNode } from "../flow/graph.ts";
import { preview, typeName } from "../flow/preview.ts";
import { elementsOf, Unmappable } from "./elements.ts";
import { flattensInPlace, flattenSource } from "./flatten-source.ts";
import { holdsValue, homeValue, remoteNodesIn } from "./home-values.ts";
import { countItems, type FoundSource, type MapContext, type MapSource } from "./map-context.ts";
import { message } from "./messages.ts";
import { type NodeStates, stateOf } from "./node-state.ts";
import { eachInputsOf } from "./plan.ts";
import { resolveInput } from "./resolve-inputs.ts";

export type MapSources =
  | { readonly kind: "mappable"; readonly width: number; readonly sources: ReadonlyMap<EachInput, MapSource> }
  | { readonly kind: "unmappable"; readonly message: string; readonly error: Error };

/** Upstreams whose values must come home before their elements can be counted. */
export function nodesToFetch(node: TaskNode, states: NodeStates): readonly number[] {
  return [...new Set(eachInputsOf(node).flatMap(({ of }) => unknownSizes(of, states)))];
}

function unknownSizes(of: NodeInput, states: NodeStates): readonly number[] {
  if (of.kind === "flatten") return flattensInPlace(of.of, states) ? [] : remoteNodesIn(of.of, states);
  if (of.kind !== "node") return [];
  const state = stateOf(states, of.node);
  const unknown = holdsValue(state) && state.value instanceof RemoteValue && state.value.length === undefined;
  return unknown ? [of.node] : [];
}

/**
 * Zips what is mapped over: the shortest decides. An upstream that did not succeed gives no elements; one that was
 * skipped as a whole gives `null` to each child of a task that is not skipped with it.
 */
export function mapSources(node: TaskNode, context: MapContext): MapSources {
  const sources = new Map<EachInput, MapSource>();
  const absent: EachInput[] = [];
  for (const each of eachInputsOf(node)) {
    if (!node.skipOnUpstreamSkip && isSkipped(each.of, context.states)) {
      absent.push(each);
      continue;
    }
    const found = sourceOf(each.of, context);
    if (found === "no elements") continue;
    if (found instanceof Unmappable) {
      return {
        kind: "unmappable",
        message: message.unmappable,
        error: unmappableError(node, each.of, found, context.graph),
      };
    }
    sources.set(each, found);
  }
  if (sources.size === 0) return { kind: "unmappable", message: message.noMappable, error: nothingMappable(node) };
  const width = Math.min(...[...sources.values()].map((source) => source.width));
  const nothing: MapSource = {
    column: { kind: "values", values: absent.length === 0 ? [] : new Array<null>(width).fill(null) },
    width,
    countAt: undefined,
  };
  for (const each of absent) sources.set(each, nothing);
  return { kind: "mappable", width, sources };
}

function isSkipped(of: NodeInput, states: NodeStates): boolean {
  return of.kind === "node" && stateOf(states, of.node).kind === "Skipped";
}

function sourceOf(of: NodeInput, context: MapContext): FoundSource {
  switch (of.kind) {
    case "node":
      return nodeSource(of.node, context.states);
    case "list":
      return listSource(of.items, context);
    case "flatten":
      return flattenSource(of.of, context, nodeSource);
    case "record":
      return new Unmappable(Object.fromEntries(of.entries.map(([key]) => [key, undefined])));
    default:
      return valuesSource(homeValue(of, context.states));
  }
}

function nodeSource(node: number, states: NodeStates): FoundSource {
  const state = stateOf(states, node);
  if (state.kind === "Mapped") {
    return { column: { kind: "results", results: state.children }, width: state.children.width, countAt: undefined };
  }
  if (state.kind === "Skipped") return new Unmappable(null);
  if (!holdsValue(state)) return "no elements";
  if (!(state.value instanceof RemoteValue)) return valuesSource(state.value);
  return { column: { kind: "elements", of: state.value }, width: state.value.length ?? 0, countAt: undefined };
}

function listSource(items: readonly NodeInput[], context: MapContext): MapSource {
  const inputs = items.map((item) => resolveInput(item, context.states));
  return { column: { kind: "inputs", items: inputs }, width: items.length, countAt: countItems(items, context) };
}

function valuesSource(value: unknown): FoundSource {
  const values = elementsOf(value);
  if (values instanceof Unmappable) return values;
  return { column: { kind: "values", values }, width: values.length, countAt: undefined };
}

function unmappableError(node: TaskNode, of: NodeInput, { value, cause }: Unmappable, graph: Graph): CloudburstError {
  const source = of.kind === "node" ? `the result of "${graph.nodes[of.node]?.name ?? String(of.node)}"` : "its input";
  const why = cause === undefined ? "give it an array or another iterable" : toError(cause).message;
  return new CloudburstError(
    "unmappable",
    `task "${node.name}" cannot map over ${source}, which is ${preview(value)} of type ${typeName(value)}: ${why}`,
    { cause, data: { task: node.name } },
  );
}

function nothingMappable(node: TaskNode): CloudburstError {
  return new CloudburstError(
    "unmappable",
    `task "${node.name}" has nothing to map over: none of the tasks that it maps over succeeded`,
    { data: { task: node.name } },
  );
}
