/** What is to be seen of a flow, before it is put into the words of a language that draws. */
import { InvalidOptionError, unreachable } from "../base/errors.ts";
import type { Graph, GraphNode, NodeInput, TaskNode } from "../flow/graph.ts";
import type { FlowState } from "../flow/flow-state.ts";
import { parameterNames } from "../flow/parameter-names.ts";
import type { State } from "../flow/state.ts";

export interface Picture {
  readonly title: string;
  readonly nodes: readonly PictureNode[];
  readonly edges: readonly PictureEdge[];
}

export interface PictureNode {
  readonly id: string;
  readonly shape: "parameter" | "task" | "mapped";
  /** `inc <map>` for a mapped task. */
  readonly name: string;
  /** How many children ended how; undefined without a state. */
  readonly counts: string | undefined;
  /** What the node is coloured by; undefined without a state. */
  readonly kind: string | undefined;
}

export interface PictureEdge {
  readonly from: string;
  readonly to: string;
  /** The parameters that take the result; empty for an edge that only says what comes first. */
  readonly label: string;
  /** Child i takes element i. */
  readonly mapped: boolean;
}

/** @throws {InvalidOptionError} when the state is none, or that of another flow. */
export function pictureOf(graph: Graph, state: FlowState | undefined): Picture {
  checkState(state);
  const title = state === undefined ? graph.flowName : `${graph.flowName} · ${state.kind}`;
  return {
    title,
    nodes: graph.nodes.map((node) => pictureNode(node, stateOf(graph, node, state))),
    edges: graph.nodes.flatMap((node) => (node.kind === "task" ? edgesTo(node) : [])),
  };
}

function checkState(state: FlowState | undefined): void {
  const untyped: unknown = state; // from JavaScript anything may come
  if (untyped === undefined) return;
  if (typeof untyped === "object" && untyped !== null && "of" in untyped) return;
  throw new InvalidOptionError(`flow.visualize: state must be what flow.run resolved to, got ${typeof untyped}`);
}

function stateOf(graph: Graph, { id }: GraphNode, state: FlowState | undefined): State | undefined {
  return state?.of({ nodeIn: (other) => (other === graph ? id : undefined) });
}

function pictureNode(node: GraphNode, state: State | undefined): PictureNode {
  const { name } = node;
  const mapped = node.kind === "task" && node.mapped;
  return {
    id: idOf(node.id),
    shape: mapped ? "mapped" : node.kind,
    name: mapped ? `${name} <map>` : name,
    counts: state?.kind === "Mapped" ? countsOf(state) : undefined,
    kind: state?.kind === "Mapped" ? kindOfChildren(state) : state?.kind,
  };
}

function idOf(node: number): string {
  return `n${String(node)}`;
}

type Mapped = Extract<State, { readonly kind: "Mapped" }>;

/** `98 Success · 2 Failed` */
function countsOf({ mapStates }: Mapped): string {
  const parts = Object.entries(mapStates.counts).map(([kind, count]) => `${count.toLocaleString("en-US")} ${kind}`);
  return parts.length === 0 ? "no children" : parts.join(" · ");
}

/** The worst that became of a child: a thousand that went well should not hide the one that did not. */
function kindOfChildren({ mapStates }: Mapped): string {
  const { counts } = mapStates;
  const worst = (["Failed", "TriggerFailed", "Cancelled", "Running", "Pending"] as const).find((kind) => counts[kind]);
  if (worst !== undefined) return worst;
  return mapStates.length > 0 && counts.Skipped === mapStates.length ? "Skipped" : "Success";
}

interface Source {
  readonly from: number;
  readonly label: string;
  readonly mapped: boolean;
}

/** Of several edges between the same two nodes one is drawn, with all their labels. */
function edgesTo(node: TaskNode): readonly PictureEdge[] {
  const names = parameterNames(node.task.run);
  const inputs = node.inputs.flatMap((input, index) => sourcesOf(input, { label: names[index] ?? "", mapped: false }));
  const follows = (node.follows ?? []).flatMap((input) => sourcesOf(input, { label: "", mapped: false }));
  const sources = [...inputs, ...follows];
  const waits = [...node.after, ...(node.awaits ?? [])].filter((id) => !sources.some(({ from }) => from === id));
  const all = [...sources, ...waits.map((from) => ({ from, label: "", mapped: false }))];
  const groups = new Map<string, Source[]>();
  for (const source of all) {
    const key = `${String(source.from)} ${String(source.mapped)}`;
    groups.set(key, [...(groups.get(key) ?? []), source]);
  }
  return [...groups.values()].flatMap((group) => joined(group, node.id));
}

function joined(group: readonly Source[], to: number): readonly PictureEdge[] {
  const [first] = group;
  if (first === undefined) return [];
  const labels = new Set(group.map(({ label }) => label).filter((label) => label !== ""));
  return [{ from: idOf(first.from), to: idOf(to), label: [...labels].join(", "), mapped: first.mapped }];
}

function sourcesOf(input: NodeInput, so: Omit<Source, "from">): readonly Source[] {
  switch (input.kind) {
    case "value":
      return [];
    case "node":
      return [{ ...so, from: input.node }];
    case "list":
      return input.items.flatMap((item) => sourcesOf(item, so));
    case "record":
      return input.entries.flatMap(([key, part]) => sourcesOf(part, { ...so, label: property(so.label, key) }));
    case "flatten":
      return sourcesOf(input.of, { ...so, label: `flatten(${so.label})` });
    case "each":
      return sourcesOf(input.of, { ...so, mapped: true });
    default:
      return unreachable(input);
  }
}

/** A parameter that is taken apart at once, `({ x, y }) => …`, has no name: its keys are what the author calls them. */
function property(of: string, key: string): string {
  return of === "" ? key : `${of}.${key}`;
}
