import { describe, expect, test } from "vitest";
import { checkGraph } from "../../src/flow/check-graph.ts";
import type { Graph, NodeInput, TaskNode } from "../../src/flow/graph.ts";
import { task } from "../../src/flow/task.ts";
import { allSuccessful } from "../../src/flow/trigger.ts";
import { each, flattened, list, node, thrownBy, value } from "./support.ts";

const work = task("work", (...xs: unknown[]) => xs);

/** A node made by hand, as an engine or an importer could. */
function made(id: number, inputs: readonly NodeInput[], more: Partial<TaskNode> = {}): TaskNode {
  const rest = { after: [], mapped: false, trigger: allSuccessful, skipOnUpstreamSkip: true };
  return { kind: "task", id, name: "work", slug: `work-${String(id + 1)}`, task: work, inputs, ...rest, ...more };
}

function graphOf(nodes: readonly TaskNode[], more: Partial<Graph> = {}): Graph {
  return { flowName: "handmade", nodes, output: value(1), referenceNodes: [], ...more };
}

describe("a graph made by hand", () => {
  test("may refer forwards as long as nothing waits for itself", () => {
    expect(() => checkGraph(graphOf([made(0, [node(1)]), made(1, [])]))).not.toThrow();
  });

  test("is refused with the way round when nodes wait for each other", () => {
    const nodes = [
      made(0, []),
      made(1, [node(0), node(3)]),
      made(2, [list(node(1))]),
      made(3, [], { after: [2] }),
      made(4, [node(3)]),
    ];
    const error = thrownBy(() => checkGraph(graphOf(nodes)));
    expect(error.code).toBe("flow_cycle");
    expect(error.message).toBe(
      'Cycle found; flows must be acyclic! (flow "handmade": work-2 → work-3 → work-4 → work-2; ' +
        "take away one of these dependencies)",
    );
  });

  test("is refused when a node waits for itself", () => {
    expect(() => checkGraph(graphOf([made(0, [node(0)])]))).toThrow("work-1 → work-1");
  });

  test.each<[string, Graph, string]>([
    ["an input", graphOf([made(0, [node(7)])]), 'node "work-1" refers to node 7, which does not exist'],
    ["after", graphOf([made(0, [], { after: [7] })]), 'node "work-1" refers to node 7, which does not exist'],
    ["the output", graphOf([], { output: list(node(7)) }), "the output refers to node 7, which does not exist"],
    ["a reference node", graphOf([], { referenceNodes: [7] }), "referenceNodes refers to node 7, which does not exist"],
  ])("is refused when %s refers to no node", (_, graph, message) => {
    expect(() => checkGraph(graph)).toThrow(`graph of flow "handmade" is not valid: ${message}`);
  });

  test("is refused for a slug that occurs twice and an id that is not the position", () => {
    expect(() => checkGraph(graphOf([made(0, []), made(1, [], { slug: "work-1" })]))).toThrow(
      'A task with the slug "work-1" already exists in this flow.',
    );
    expect(() => checkGraph(graphOf([made(5, [])]))).toThrow('node "work-6" at position 0 has id 5');
  });

  test("is refused when a node says that it is mapped and is not, or the other way round", () => {
    expect(() => checkGraph(graphOf([made(0, [value(1)], { mapped: true })]))).toThrow(
      '"work-1" says mapped: true, its inputs say false',
    );
    expect(() => checkGraph(graphOf([made(0, [each(value([1]))])]))).toThrow('"work-1" says mapped: false');
  });

  test("is refused when a node maps inside what is mapped or flattened", () => {
    const message = '"work-1" maps inside an input that is mapped or flattened';
    for (const input of [each(list(each(value([1])))), flattened(each(value([1])))]) {
      expect(() => checkGraph(graphOf([made(0, [input], { mapped: true })]))).toThrow(message);
    }
  });
});

test("a chain of 100,000 nodes is checked without running out of stack", () => {
  const nodes = Array.from({ length: 100_000 }, (_, id) => made(id, id === 0 ? [] : [node(id - 1)]));
  expect(() => checkGraph(graphOf(nodes))).not.toThrow();
});
