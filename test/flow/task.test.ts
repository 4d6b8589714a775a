import { afterEach, describe, expect, test } from "vitest";
import { range } from "../../src/flow/range.ts";
import { Task, task } from "../../src/flow/task.ts";
import { startCollectingTasks } from "../../src/flow/task-registry.ts";
import type { Trigger } from "../../src/flow/trigger.ts";
import { flow, node, record, taskNode, value } from "./support.ts";

describe("a task of a function", () => {
  const inc = task("inc", (x: number) => x + 1);

  test("keeps its body callable", () => {
    expect(inc.run(1)).toBe(2);
  });

  test("knows its name, its options and the module that made it", () => {
    expect(inc).toBeInstanceOf(Task);
    expect(inc.name).toBe("inc");
    expect(inc.options).toEqual({});
    expect(inc.definedIn).toBe(import.meta.filename);
  });

  test("refuses a name that is none, a body that is none, and unknown or wrong options", () => {
    expect(() => task("", () => 1)).toThrow("the name of a task must be a string that is not empty, got ''");
    expect(() => task("t", 5 as unknown as () => number)).toThrow("the body of task 't' must be a function, got 5");
    expect(() => task("t", () => 1, { retries: 1 } as object)).toThrow(
      'task "t" has no option "retries": allowed are trigger, skipOnUpstreamSkip',
    );
    expect(() => task("t", () => 1, { name: "u" } as object)).toThrow('task "t" has no option "name"');
    expect(() => task("t", () => 1, { trigger: "all_failed" as unknown as Trigger })).toThrow(
      "trigger of task \"t\" must be a trigger such as allFinished, got 'all_failed'",
    );
    expect(() => task("t", () => 1, { skipOnUpstreamSkip: 1 as unknown as boolean })).toThrow(
      'skipOnUpstreamSkip of task "t" must be true or false, got 1',
    );
    expect(() => task("t", () => 1, null as unknown as object)).toThrow('options of task "t" must be an object');
  });

  test("refuses unknown options of one use", () => {
    expect(() => inc.with({ before: [] } as object)).toThrow(
      'task "inc".with has no option "before": allowed are after',
    );
  });
});

describe("a task of a class", () => {
  class Scaled extends Task<[{ x: number }], number> {
    readonly #factor: number;

    constructor(factor: number) {
      super({ name: `scaled-by-${String(factor)}` });
      this.#factor = factor;
    }

    run({ x }: { x: number }): number {
      return x * this.#factor;
    }
  }

  class Plain extends Task<[{ x: number }], number> {
    run({ x }: { x: number }): number {
      return x;
    }
  }

  test("is called like one of a function, and keeps its own state", () => {
    const triple = new Scaled(3);
    expect(triple.run({ x: 2 })).toBe(6);
    const { graph } = flow("classes", () => triple({ x: triple({ x: 1 }) }));
    expect(taskNode(graph, "scaled-by-3-1").inputs).toEqual([value({ x: 1 })]);
    expect(taskNode(graph, "scaled-by-3-2").inputs).toEqual([record({ x: node(0) })]);
    expect(taskNode(graph, "scaled-by-3-1").task).toBe(triple);
  });

  test("has the name of its class unless given another", () => {
    expect(new Plain().name).toBe("Plain");
    expect(new Plain({ name: "other" }).name).toBe("other");
    expect(new Plain()).toBeInstanceOf(Plain);
    expect(new Plain().definedIn).toBe(import.meta.filename);
  });

  test("may have several instances in one flow", () => {
    const { graph } = flow("instances", () => [new Plain()({ x: 1 }), new Plain()({ x: 2 })]);
    expect(graph.nodes.map(({ slug }) => slug)).toEqual(["Plain-1", "Plain-2"]);
  });
});

describe("range", () => {
  test.each([
    [[3], [0, 1, 2]],
    [[0], []],
    [[-1], []],
    [
      [1, 4],
      [1, 2, 3],
    ],
    [
      [0, 5, 2],
      [0, 2, 4],
    ],
    [
      [5, 0, -2],
      [5, 3, 1],
    ],
    [
      [0, 4, undefined],
      [0, 1, 2, 3],
    ],
  ] as const)("of %j is %j", (bounds, numbers) => {
    expect(range.run(...(bounds as [number]))).toEqual(numbers);
  });

  test("refuses fractions, infinity and a step of 0", () => {
    expect(() => range.run(1.5)).toThrow("stop of range must be a whole number, got 1.5");
    expect(() => range.run(0, Infinity)).toThrow("stop of range must be a whole number, got Infinity");
    expect(() => range.run(0, 5, 0)).toThrow("step of range must not be 0");
  });
});

describe("collecting tasks", () => {
  afterEach(() => {
    Reflect.deleteProperty(globalThis, Symbol.for("cloudburst.onTask"));
  });

  test("keeps every task that is made from then on, by name", () => {
    task("before", () => 1);
    const tasks = startCollectingTasks();
    const first = task("twice", () => 1);
    const second = task("twice", () => 2);
    const other = task("once", () => 3);
    expect([...tasks]).toEqual([
      ["twice", [first, second]],
      ["once", [other]],
    ]);
  });

  test("takes tasks of other copies of the library", () => {
    const tasks = startCollectingTasks();
    const foreign = { name: "foreign", run: () => 1, definedIn: undefined };
    const announce = (globalThis as Record<symbol, unknown>)[Symbol.for("cloudburst.onTask")] as (t: unknown) => void;
    announce(foreign);
    expect(tasks.get("foreign")).toEqual([foreign]);
  });
});
