import { describe, expect, test } from "vitest";
import { mapped, unmapped } from "../../src/flow/annotations.ts";
import type { Executor } from "../../src/executors/executor.ts";
import { Flow, flow } from "../../src/index.ts";
import type { Graph } from "../../src/flow/graph.ts";
import { referencedNodes } from "../../src/flow/node-references.ts";
import { Parameter } from "../../src/flow/parameter.ts";
import { task, Task } from "../../src/flow/task.ts";
import { each, flattened, list, node, record, taskNode, thrownBy, value } from "./support.ts";

class RandomNum extends Task<[{ stop: number }], number> {
  run({ stop }: { stop: number }): number {
    return stop * 2; // a number that the tests know
  }
}

class Sum extends Task<[{ numbers: number[] }], number> {
  run({ numbers }: { numbers: number[] }): number {
    return numbers.reduce((a, b) => a + b, 0);
  }
}

/** Slugs, and for each node the slugs that it waits for. */
function edgesOf(graph: Graph): readonly (readonly [string, readonly string[]])[] {
  return graph.nodes.map((each) => [each.slug, referencedNodes(each).map((id) => graph.nodes[id]?.slug ?? "?")]);
}

function imperative() {
  const example = new Flow("parallel-execution");
  const stop = new Parameter<number>("stop");
  const number1 = new RandomNum();
  const number2 = new RandomNum();
  const number3 = new RandomNum();
  stop.setDownstream(number1, { key: "stop", flow: example });
  stop.setDownstream(number2, { key: "stop", flow: example });
  stop.setDownstream(number3, { key: "stop", flow: example });
  const sum = new Sum();
  sum.bind({ numbers: [number1, number2, number3] }, { flow: example });
  return { example, sum, number2, stop };
}

describe("the parallel-execution flow", () => {
  const randomNum = task("RandomNum", ({ stop }: { stop: number }) => stop * 2);
  const sumNumbers = task("Sum", ({ numbers }: { numbers: number[] }) => numbers.reduce((a, b) => a + b, 0));
  const functional = flow("parallel-execution", () => {
    const stop = new Parameter<number>("stop");
    const numbers = [randomNum({ stop }), randomNum({ stop }), randomNum({ stop })];
    return sumNumbers({ numbers });
  });

  test("has the same graph in both spellings", () => {
    const { example } = imperative();
    expect(edgesOf(example.graph)).toEqual(edgesOf(functional.graph));
    const inputs = (graph: Graph) => graph.nodes.map((each) => (each.kind === "task" ? each.inputs : []));
    expect(inputs(example.graph)).toEqual(inputs(functional.graph));
    expect(example.graph.referenceNodes).toEqual(functional.graph.referenceNodes);
  });

  test("has the same result in both spellings", async () => {
    const { example, sum, number2, stop } = imperative();
    example.returns({ total: sum, second: number2 });
    const state = await example.run({ parameters: { stop: 5 } });
    expect((await functional.run({ parameters: { stop: 5 } })).result).toBe(30);
    expect(state.result).toEqual({ total: 30, second: 10 });
    expect(state.of(sum)).toMatchObject({ kind: "Success", result: 30 });
    expect(state.of(stop)).toMatchObject({ kind: "Success", result: 5 });
  });

  test("demands its parameter", async () => {
    await expect(imperative().example.run()).rejects.toThrow("required parameters: stop");
  });
});

const one = task("one", () => 1);
const two = task("two", () => 2);
const show = task("show", ({ x }: { x: number }) => x);

describe("edges", () => {
  test("may be added one by one, in chains, and by dependencies", () => {
    const example = new Flow("edges");
    const last = task("last", () => 3);
    example.addEdge(one, show, { key: "x" });
    example.chain(two, show, last);
    expect(edgesOf(example.graph)).toEqual([
      ["one-1", []],
      ["show-1", ["one-1", "two-1"]],
      ["two-1", []],
      ["last-1", ["show-1"]],
    ]);
    const other = new Flow("dependencies");
    other.setDependencies(show, { upstreamTasks: [two], downstreamTasks: [last], keywordTasks: { x: one } });
    expect(edgesOf(other.graph)).toEqual([
      ["show-1", ["one-1", "two-1"]],
      ["two-1", []],
      ["one-1", []],
      ["last-1", ["show-1"]],
    ]);
  });

  test("may map, flatten, and do both", () => {
    const example = new Flow("mapped");
    const [a, b, c, d] = ["a", "b", "c", "d"].map((name) => task(name, (given: { x: unknown }) => given.x)) as [
      typeof show,
      typeof show,
      typeof show,
      typeof show,
    ];
    example.addEdge(one, a, { key: "x", mapped: true });
    example.addEdge(one, b, { key: "x", flattened: true });
    example.addEdge(one, c, { key: "x", mapped: true, flattened: true });
    d.bind({ x: unmapped([1]), y: [1, 2] } as object, { flow: example, mapped: true });
    const inputOf = (slug: string) => taskNode(example.graph, slug).inputs[0];
    expect(inputOf("a-1")).toEqual(record({ x: each(node(0)) }));
    expect(inputOf("b-1")).toEqual(record({ x: flattened(node(0)) }));
    expect(inputOf("c-1")).toEqual(record({ x: each(flattened(node(0))) }));
    expect(inputOf("d-1")).toEqual(record({ x: value([1]), y: each(value([1, 2])) }));
    expect(taskNode(example.graph, "a-1").mapped).toBe(true);
    expect(taskNode(example.graph, "b-1").mapped).toBe(false);
  });

  test("a mark on the value says more than the option", () => {
    const example = new Flow("marks");
    show.bind({ x: mapped([1, 2]) }, { flow: example });
    expect(taskNode(example.graph, "show-1").inputs).toEqual([record({ x: each(value([1, 2])) })]);
  });

  test("a mapped upstream without a key sets the width alone", async () => {
    const example = new Flow("width");
    const many = task("many", () => [1, 2, 3]);
    const tick = task("tick", () => "tick");
    example.addEdge(many, tick, { mapped: true });
    example.returns(tick);
    expect((await example.run()).result).toEqual(["tick", "tick", "tick"]);
  });

  test("may lie between handles inside a builder", () => {
    const example = flow("handles", () => {
      const first = one();
      const second = two();
      first.setUpstream(second);
      second.setDownstream(one);
    });
    expect(edgesOf(example.graph)).toEqual([
      ["one-1", ["two-1"]],
      ["two-1", []],
      ["one-2", ["two-1"]],
    ]);
  });

  test("are added to the flow whose builder is running when none is named", () => {
    const example = flow("context", () => {
      show.bind({ x: one });
    });
    expect(edgesOf(example.graph)).toEqual([
      ["show-1", ["one-1"]],
      ["one-1", []],
    ]);
  });

  test("without any flow are refused in Prefect's words", () => {
    const words = "No Flow was passed, and could not infer an active Flow context.";
    expect(() => one.setUpstream(two)).toThrow(words);
    expect(() => one.setDownstream(two)).toThrow(words);
    expect(() => show.bind({ x: 1 })).toThrow(words);
    expect(() => one.setDependencies({ upstreamTasks: [two] })).toThrow(words);
    expect(() => new Parameter("p").setDownstream(one)).toThrow(words);
  });
});

describe("what cannot be", () => {
  test("a key that is bound twice", () => {
    const example = new Flow("twice");
    show.bind({ x: 1 }, { flow: example });
    const error = thrownBy(() => show.bind({ x: two }, { flow: example }));
    expect(error.code).toBe("argument_taken");
    expect(error.message).toContain('Argument "x" for task "show" has already been assigned in this flow.');
  });

  test("a key for a call that has its arguments", () => {
    const add = (): void => void flow("called", () => show({ x: 1 }).setUpstream(one(), { key: "x" }));
    expect(thrownBy(add).code).toBe("argument_taken");
  });

  test("an upstream of a parameter", () => {
    const example = new Flow("roots");
    const words = "Parameters must be root tasks and can not have upstream dependencies.";
    expect(() => example.addEdge(one, new Parameter("p"))).toThrow(words);
    expect(() => new Parameter("p").setUpstream(one)).toThrow(words);
  });

  test("two parameters of one name", () => {
    const example = new Flow("same");
    example.addTask(new Parameter("p"));
    expect(() => example.addTask(new Parameter("p"))).toThrow('A task with the slug "p" already exists in this flow.');
  });

  test("a cycle, which is refused at run before an executor starts", async () => {
    const example = new Flow("round");
    one.setDownstream(two, { flow: example });
    two.setDownstream(one, { flow: example });
    const executor = { start: () => Promise.reject(new Error("started")) } as unknown as Executor;
    await expect(example.run({ executor })).rejects.toMatchObject({ code: "flow_cycle" });
    await expect(example.run({ executor })).rejects.toThrow("Cycle found; flows must be acyclic!");
  });

  test("what is no task, no key and no option", () => {
    const example = new Flow("odd");
    expect(() => example.addTask({})).toThrow('flow "odd" cannot take {} for a task');
    expect(() => example.addEdge(one, two, { key: "" })).toThrow("the key of an edge must name a property");
    expect(() => example.addEdge(one, two, { kye: "x" } as object)).toThrow('an edge has no option "kye"');
    expect(() => new Flow("")).toThrow("A name must be provided for the flow.");
    expect(() => new Flow("f", { parameters: {} } as object)).toThrow("takes no `parameters`");
  });
});

describe("a flow that is filled task by task", () => {
  test("may grow between runs, and each state knows its own tasks", async () => {
    const example = new Flow("grows");
    example.addTask(one);
    const first = await example.run();
    example.addTask(two);
    const second = await example.run();
    expect(first.of(one).result).toBe(1);
    expect(() => first.of(two)).toThrow("got one of another flow");
    expect(second.of(two).result).toBe(2);
  });

  test("has the reference tasks that are set, and the terminal ones again for none", () => {
    const example = new Flow("references");
    example.chain(one, two);
    example.setReferenceTasks([one]);
    expect(example.graph.referenceNodes).toEqual([0]);
    example.setReferenceTasks([]);
    expect(example.graph.referenceNodes).toEqual([1]);
    expect(() => example.setReferenceTasks([show])).toThrow('names task "show", which the flow does not call');
  });

  test("and one made by a builder are instances of one class", () => {
    expect(new Flow("new")).toBeInstanceOf(Flow);
    expect(flow("made", () => one())).toBeInstanceOf(Flow);
  });

  test("a free parameter may be used in a builder, and in several flows", () => {
    const n = new Parameter<number>("n");
    const first = flow("first", () => show({ x: n }));
    const second = flow("second", () => [show({ x: n }), show({ x: n })]);
    expect(first.graph.nodes.map(({ slug }) => slug)).toEqual(["n", "show-1"]);
    expect(second.graph.nodes.map(({ slug }) => slug)).toEqual(["n", "show-1", "show-2"]);
    expect(taskNode(second.graph, "show-2").inputs).toEqual([record({ x: node(0) })]);
  });

  test("the list of a bound key is a list input", () => {
    const { example } = imperative();
    expect(taskNode(example.graph, "Sum-1").inputs).toEqual([record({ numbers: list(node(1), node(2), node(3)) })]);
  });
});

test("a key that the body does not take is refused where it is bound", () => {
  const example = new Flow("keys");
  const take = task("take", ({ x }: { x: number }) => x);
  const bind = () => take.bind({ y: 1 } as object, { flow: example });
  expect(thrownBy(bind)).toMatchObject({
    code: "bad_key",
    message: 'task "take" takes no argument "y" (node "take-1"): the object argument of its body has the properties x',
  });
});
