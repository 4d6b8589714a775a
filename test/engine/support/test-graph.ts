import { ResultCache } from "../../../src/engine/result-cache.ts";
import type { EngineDeps } from "../../../src/engine/prepare-run.ts";
import { createFlowRunner } from "../../../src/engine/run-flow.ts";
import { LocalExecutor } from "../../../src/executors/local-executor.ts";
import { systemClock } from "../../../src/base/clock.ts";
import type { Graph, GraphNode, NodeInput, TaskNode } from "../../../src/flow/graph.ts";
import type { RunOptions } from "../../../src/flow/run-options.ts";
import type { FlowState } from "../../../src/flow/flow-state.ts";
import { allSuccessful, type Trigger } from "../../../src/flow/trigger.ts";

export interface Ref {
  readonly node: number;
}

export interface NodeOptions {
  readonly trigger?: Trigger;
  readonly skipOnUpstreamSkip?: boolean;
  readonly after?: readonly Ref[];
}

export type Body = (...args: never[]) => unknown;

class Marked {
  readonly input: NodeInput;

  constructor(input: NodeInput) {
    this.input = input;
  }
}

export const each = (of: unknown): Marked => new Marked({ kind: "each", of: inputOf(of) });
export const flatten = (of: unknown): Marked => new Marked({ kind: "flatten", of: inputOf(of) });
/** An object of inputs, where a plain object would be taken for a value. */
export const record = (of: Readonly<Record<string, unknown>>): Marked =>
  new Marked({ kind: "record", entries: Object.entries(of).map(([key, value]) => [key, inputOf(value)] as const) });

function inputOf(given: unknown): NodeInput {
  if (given instanceof Marked) return given.input;
  if (isRef(given)) return { kind: "node", node: given.node };
  if (Array.isArray(given) && given.some((item) => isRef(item) || item instanceof Marked)) {
    return { kind: "list", items: given.map(inputOf) };
  }
  return { kind: "value", value: given };
}

function isRef(given: unknown): given is Ref {
  return typeof given === "object" && given !== null && "node" in given;
}

/** Graphs by hand, past the checks of the compiler and of the authoring functions. */
export class TestGraph {
  readonly nodes: GraphNode[] = [];

  parameter(name: string): Ref {
    return this.add({ kind: "parameter", ...this.#base(name) });
  }

  task(name: string, run: Body, inputs: readonly unknown[] = [], options: NodeOptions = {}): Ref {
    return this.add(this.#taskNode(name, run, inputs, options, false));
  }

  map(name: string, run: Body, inputs: readonly unknown[], options: NodeOptions = {}): Ref {
    return this.add(this.#taskNode(name, run, inputs, options, true));
  }

  add(node: GraphNode): Ref {
    this.nodes.push(node);
    return { node: node.id };
  }

  graph(output: unknown, references?: readonly Ref[]): Graph {
    const used = new Set(
      this.nodes.flatMap((node) => (node.kind === "task" ? [...node.inputs.flatMap(nodesOf), ...node.after] : [])),
    );
    const terminal = this.nodes.map(({ id }) => id).filter((id) => !used.has(id));
    return {
      flowName: "test",
      nodes: this.nodes,
      output: inputOf(output),
      referenceNodes: references?.map(({ node }) => node) ?? terminal,
    };
  }

  async run(output: unknown, options: RunOptions & { references?: readonly Ref[] } = {}): Promise<FlowState> {
    const { references, ...rest } = options;
    return await runGraph(this.graph(output, references), rest);
  }

  #taskNode(name: string, run: Body, inputs: readonly unknown[], options: NodeOptions, mapped: boolean): TaskNode {
    return {
      kind: "task",
      ...this.#base(name),
      task: { name, run, definedIn: undefined },
      inputs: inputs.map(inputOf),
      after: options.after?.map(({ node }) => node) ?? [],
      mapped,
      trigger: options.trigger ?? allSuccessful,
      skipOnUpstreamSkip: options.skipOnUpstreamSkip ?? true,
    };
  }

  #base(name: string): { readonly id: number; readonly name: string; readonly slug: string } {
    const id = this.nodes.length;
    return { id, name, slug: `${name}-${String(id)}` };
  }
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

export const testDeps: EngineDeps = {
  clock: systemClock,
  random: () => 0.5,
  defaultExecutor: () => new LocalExecutor(),
  checkpointing: () => true,
  cache: new ResultCache(),
};

export async function runGraph(graph: Graph, options: RunOptions = {}, deps = testDeps): Promise<FlowState> {
  const names = graph.nodes.filter((node) => node.kind === "parameter").map((node) => node.name);
  const declared = new Map(names.map((name) => [name, { required: true, default: undefined, schema: undefined }]));
  return await createFlowRunner(deps)(
    {
      name: graph.flowName,
      graph,
      parameters: { schema: undefined, declared },
      definedIn: undefined,
      executor: undefined,
    },
    options,
  );
}
