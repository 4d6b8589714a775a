/** A `flow` whose flows are built and never run, and what tests ask of their graphs. */
import type { CloudburstError } from "../../src/base/errors.ts";
import { createFlowFactory } from "../../src/flow/flow-factory.ts";
import type { Graph, NodeInput, TaskNode } from "../../src/flow/graph.ts";

export const flow = createFlowFactory(() => Promise.reject(new Error("this flow is built, not run")));

/** The node of that slug, which must be a task's. */
export function taskNode(graph: Graph, slug: string): TaskNode {
  const node = graph.nodes.find((candidate) => candidate.slug === slug);
  if (node?.kind !== "task") throw new Error(`no task node ${slug} among ${graph.nodes.map((n) => n.slug).join(", ")}`);
  return node;
}

export function value(of: unknown): NodeInput {
  return { kind: "value", value: of };
}

export function node(id: number): NodeInput {
  return { kind: "node", node: id };
}

export function list(...items: readonly NodeInput[]): NodeInput {
  return { kind: "list", items };
}

export function record(entries: Readonly<Record<string, NodeInput>>): NodeInput {
  return { kind: "record", entries: Object.entries(entries) };
}

export function each(of: NodeInput): NodeInput {
  return { kind: "each", of };
}

export function flattened(of: NodeInput): NodeInput {
  return { kind: "flatten", of };
}

/** What `act` throws, for expectations on code and message. */
export function thrownBy(act: () => unknown): CloudburstError {
  try {
    act();
  } catch (error) {
    return error as CloudburstError;
  }
  throw new Error("nothing was thrown");
}
