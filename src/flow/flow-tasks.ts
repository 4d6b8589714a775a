/** What can be read of a flow without running it. */
import type { Graph, GraphNode, NodeInput, TaskNode } from "./graph.ts";
import { nodesIn, referencedNodes } from "./node-references.ts";
import { parameterNames } from "./parameter-names.ts";

/** One use of a task, or a parameter. `state.of` takes it. */
export interface FlowTask {
  readonly name: string;
  readonly slug: string;
  readonly kind: "task" | "parameter";
  readonly tags: readonly string[];
  /** Has a child for each element of something. */
  readonly mapped: boolean;
  /** Its place in the flow, in the order of creation. */
  readonly node: number;
}

export interface FlowEdge {
  readonly upstream: FlowTask;
  readonly downstream: FlowTask;
  /** The argument that takes the result; undefined where the downstream task merely waits. */
  readonly key: string | undefined;
  readonly mapped: boolean;
}

/** Only those for which all that is said holds. */
export interface TaskFilter {
  readonly name?: string | undefined;
  readonly slug?: string | undefined;
  /** All of these. */
  readonly tags?: readonly string[] | undefined;
}

export function tasksOf(graph: Graph): readonly FlowTask[] {
  return graph.nodes.map(viewOf);
}

export function filterTasks(tasks: readonly FlowTask[], { name, slug, tags = [] }: TaskFilter): readonly FlowTask[] {
  return tasks.filter(
    (task) =>
      (name === undefined || task.name === name) &&
      (slug === undefined || task.slug === slug) &&
      tags.every((tag) => task.tags.includes(tag)),
  );
}

/** Those that wait for nothing. */
export function rootTasksOf(graph: Graph): readonly FlowTask[] {
  return graph.nodes.filter((node) => referencedNodes(node).length === 0).map(viewOf);
}

/** Those that nothing waits for. */
export function terminalTasksOf(graph: Graph): readonly FlowTask[] {
  const upstreams = new Set(graph.nodes.flatMap(referencedNodes));
  return graph.nodes.filter(({ id }) => !upstreams.has(id)).map(viewOf);
}

export function edgesOf(graph: Graph): readonly FlowEdge[] {
  const views = tasksOf(graph);
  return graph.nodes.flatMap((node) => (node.kind === "parameter" ? [] : edgesInto(node, views)));
}

function viewOf(node: GraphNode): FlowTask {
  const { name, slug, kind, id } = node;
  const isTask = node.kind === "task";
  return { name, slug, kind, node: id, tags: (isTask && node.tags) || [], mapped: isTask && node.mapped };
}

function edgesInto(node: TaskNode, views: readonly FlowTask[]): readonly FlowEdge[] {
  const downstream = views[node.id];
  if (downstream === undefined) return [];
  const edge = (id: number, key: string | undefined, mapped: boolean): readonly FlowEdge[] => {
    const upstream = views[id];
    return upstream === undefined ? [] : [{ upstream, downstream, key, mapped }];
  };
  const keyed = keyedInputs(node).flatMap(({ key, input }) =>
    endsOf(input).flatMap((end) => edge(end.node, key, end.mapped)),
  );
  const { follows = [], after, awaits = [] } = node;
  const followed = follows.flatMap(endsOf).flatMap((end) => edge(end.node, undefined, end.mapped));
  return [...keyed, ...followed, ...[...after, ...awaits].flatMap((id) => edge(id, undefined, false))];
}

interface KeyedInput {
  readonly key: string;
  readonly input: NodeInput;
}

/** By the properties of the one object argument, else by what the body calls its parameters. */
function keyedInputs({ inputs, task }: TaskNode): readonly KeyedInput[] {
  const [only] = inputs;
  if (inputs.length === 1 && only?.kind === "record") return only.entries.map(([key, input]) => ({ key, input }));
  const names = parameterNames(task.run);
  return inputs.map((input, index) => ({ key: names[index] ?? String(index), input }));
}

/** The nodes in an input, each once, and whether their elements are taken one by one. */
function endsOf(input: NodeInput): readonly { readonly node: number; readonly mapped: boolean }[] {
  switch (input.kind) {
    case "each":
      return [...new Set(nodesIn(input))].map((node) => ({ node, mapped: true }));
    case "list":
      return input.items.flatMap(endsOf);
    case "record":
      return input.entries.flatMap(([, entry]) => endsOf(entry));
    default:
      return [...new Set(nodesIn(input))].map((node) => ({ node, mapped: false }));
  }
}
