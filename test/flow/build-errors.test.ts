import { inspect } from "node:util";
import { runInThisContext } from "node:vm";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { CloudburstError, InvalidOptionError } from "../../src/base/errors.ts";
import { mapped, unmapped } from "../../src/flow/annotations.ts";
import { flatten } from "../../src/flow/flatten.ts";
import type { Handle } from "../../src/flow/handle.ts";
import { Parameter } from "../../src/flow/parameter.ts";
import { task } from "../../src/flow/task.ts";
import { flow, thrownBy } from "./support.ts";

const inc = task("inc", (x: number) => x + 1);
const sum = task("sum", (xs: number[]) => xs.length);

/** The same tasks as someone without a compiler sees them. */
type Loose = ((...given: unknown[]) => unknown) & { map(...given: unknown[]): unknown };
const looseInc = inc as unknown as Loose;
const looseSum = sum as unknown as Loose;

function buildError(builder: () => unknown): CloudburstError {
  return thrownBy(() => flow("f", builder));
}

describe("outside a builder", () => {
  test("calling a task says to call it inside one, or its body in tests", () => {
    const error = thrownBy(() => inc(1));
    expect(error).toBeInstanceOf(CloudburstError);
    expect(error.code).toBe("no_active_flow");
    expect(error.message).toBe(
      'Could not infer an active Flow context while calling task "inc": use it inside the builder of ' +
        "flow(name, builder); to run its body elsewhere, as in a test, use inc.run(…)",
    );
  });

  test("mapping and flattening are refused as well", () => {
    expect(() => inc.map([1])).toThrow('Could not infer an active Flow context while mapping task "inc"');
    expect(() => flatten([[1]])).toThrow("Could not infer an active Flow context while flattening a list");
  });

  test("is also where one finds oneself after a builder that threw", () => {
    expect(() =>
      flow("broken", () => {
        throw new Error("mine");
      }),
    ).toThrow("mine");
    expect(thrownBy(() => inc(1)).code).toBe("no_active_flow");
  });
});

describe("a wrong number of arguments", () => {
  test("is refused where the body takes fewer, even outside a builder", () => {
    const message = 'task "inc" takes 1 argument, got 2: leave out the rest, or pass a list as one argument';
    expect(buildError(() => looseInc(1, 2))).toMatchObject({ code: "wrong_arity", message });
    expect(thrownBy(() => looseInc.map([1], [2])).message).toBe(message);
  });

  test.each([
    ["a default", task("t", (x: number, y = 1) => x + y)],
    ["a rest parameter", task("t", (...xs: number[]) => xs.length)],
    ["a destructured default", task("t", ({ y = 1 }: { y?: number }, z = 2) => y + z)],
    ["arguments", task("t", function () { return arguments.length; })], // prettier-ignore
    ["native code", task("t", Math.max)],
    ["a bound function", task("t", ((x: number) => x).bind(undefined))],
    ["a comment in the way", task("t", (/* ) */ x: number, y = 2) => x + y)],
  ])("is accepted for a body with %s", (_, open) => {
    expect(() => flow("open", () => (open as unknown as Loose)(1, 2))).not.toThrow();
  });

  test.each([
    ["an arrow without parentheses", task("t", runInThisContext("x => (x)") as (x: number) => number)],
    ["a function", task("t", function (x: number) { return ((...y: number[]) => y)(x); })], // prettier-ignore
    ["an async arrow", task("t", async (x: number) => x)],
  ])("is refused for %s", (_, closed) => {
    expect(buildError(() => (closed as unknown as Loose)(1, 2)).code).toBe("wrong_arity");
  });

  test("cannot be told from an optional parameter left out, and passes", () => {
    const optional = task("optional", (x: number, y?: number) => x + (y ?? 0));
    expect(() => flow("optional", () => optional(1))).not.toThrow();
  });
});

describe("mapping over what has no elements", () => {
  test.each([
    ["a number", 5, "number", "5"],
    ["a plain object", { a: 1 }, "Object", "{ a: 1 }"],
    ["null", null, "null", "null"],
    ["undefined", undefined, "undefined", "undefined"],
    ["a date", new Date(0), "Date", "1970-01-01T00:00:00.000Z"],
  ])("is refused for %s", (_, given, type, shown) => {
    expect(buildError(() => looseInc.map(given))).toMatchObject({
      code: "cannot_map",
      message:
        `Cannot map over unsubscriptable object of type ${type}: argument 1 of task "inc" is ${shown}; ` +
        "give an array, another iterable or a handle, or unmapped(…) to give it whole to every child",
    });
  });

  test("is refused under mapped(…), and without any argument", () => {
    expect(buildError(() => looseInc(mapped(5))).message).toContain("object of type number");
    expect(buildError(() => looseInc.map()).message).toBe(
      '.map of task "inc" got no arguments: give it an iterable, or call the task without .map',
    );
  });
});

describe("a handle", () => {
  test("of another flow is refused", () => {
    let foreign: Handle<number> | undefined;
    flow("first", () => (foreign = inc(1)));
    const error = thrownBy(() => flow("second", () => sum([foreign as Handle<number>])));
    expect(error).toMatchObject({
      code: "foreign_handle",
      message:
        'argument 1 of task "sum" is a handle of flow "first" (inc-1), used in flow "second": ' +
        'call the task in the builder of flow "second" as well',
    });
    expect(thrownBy(() => flow("third", () => foreign)).message).toMatch(
      /^the return value of flow "third" is a handle/,
    );
    expect(thrownBy(() => flow("x", () => inc.with({ after: [foreign as Handle<number>] })(1))).message).toMatch(
      /^after of task "inc" is a handle of flow "first"/,
    );
  });

  test("inside a Set or a Map is refused", () => {
    const error = buildError(() => looseSum(new Set([inc(1)])));
    expect(error.message).toBe(
      'argument 1 of task "sum" holds a handle inside a Set: handles may stand in arrays and plain objects; ' +
        "make the collection in the task",
    );
  });

  test("inside a value that refers to itself is refused", () => {
    const error = buildError(() => {
      const cyclic: unknown[] = [];
      cyclic.push(cyclic, inc(1));
      looseSum(cyclic);
    });
    expect(error.code).toBe("cyclic_argument");
  });

  test("has no value that could be calculated with", () => {
    expect(buildError(() => `number ${inc(1) as unknown as string}`)).toMatchObject({
      code: "value_not_known",
      message:
        'the value of inc-1 is known only when flow "f" runs: pass the handle to a task, and use the value there',
    });
  });

  type Value = number[] & { readonly total: number };
  const value = (): Value => inc(1) as unknown as Value;
  const notTaken =
    'the value of inc-1 is known only when flow "f" runs, so that it cannot be iterated, spread or taken apart here: map a ' +
    "task over it by task.map(handle), take an element by handle.at(0) or a property by handle.get(name), or pass the " +
    "handle to a task, and use the value there";
  test.each<[string, () => unknown]>([
    [
      "iterated",
      () => {
        for (const x of value()) inc(x);
      },
    ],
    ["spread into a list", () => [...value()]],
    ["spread into arguments", () => Math.max(...value())],
    ["spread into an object", () => ({ ...(value() as object) })],
    ["assigned to an object", () => Object.assign({}, value())],
    [
      "taken apart",
      () => {
        const [first] = value();
        return first;
      },
    ],
    ["made a list of", () => Array.from(value())],
    ["made a set of", () => new Set(value())],
  ])("cannot be %s", (_, builder) => {
    expect(buildError(builder)).toMatchObject({ code: "value_not_known", message: notTaken });
  });

  test.each<[string, () => unknown]>([
    ["total", () => value().total],
    [
      "total",
      () => {
        const { total } = value();
        return total;
      },
    ],
    ["length", () => value().length],
    ["map", () => value().map((x) => inc(x))],
    ["0", () => value()[0]],
  ])("has no property %s", (name, builder) => {
    expect(buildError(builder)).toMatchObject({
      code: "value_not_known",
      message:
        `the value of inc-1 is known only when flow "f" runs, and so is its "${name}": map a task over it by ` +
        `task.map(handle), take a property by handle.get("${name}"), or pass the handle to a task, and use the value there`,
    });
  });

  test.each<[string, () => unknown]>([
    ["calculated with", () => Number(value()) + 1],
    ["compared by size", () => value() > ([1] as unknown as Value)],
    ["written as JSON", () => JSON.stringify({ value: value() })],
    ["made text of", () => value().toString()],
    ["joined", () => [value()].join()],
    ["a parameter calculated with", () => `p is ${new Parameter<string>("p") as unknown as string}`],
  ])("cannot be %s", (_, builder) => {
    expect(buildError(builder)).toMatchObject({
      code: "value_not_known",
      message: expect.stringContaining("is known only") as string,
    });
  });

  test("cannot be awaited", async () => {
    const ran: Promise<unknown>[] = [];
    flow("f", () => {
      ran.push(Promise.resolve(value()));
    });
    await expect(ran[0]).rejects.toMatchObject({
      code: "value_not_known",
      message: expect.stringContaining("it is no promise") as string,
    });
  });

  test("is an object as any other for whoever looks at it afterwards", async () => {
    let made: Value | undefined;
    flow("f", () => {
      made = value();
    });
    expect(await Promise.resolve(made)).toBe(made);
    expect(made?.length).toBeUndefined();
    expect(JSON.stringify(made)).toContain("inc-1");
    expect({ ...(made as unknown as object) }).toMatchObject({ label: "inc-1" });
    expect(inspect(made)).toBe("Handle(inc-1)");
  });

  test("shows itself to whoever prints it while the flow is built", () => {
    let shown = "";
    flow("f", () => {
      shown = inspect([inc(1)]);
    });
    expect(shown).toBe("[ Handle(inc-1) ]");
  });
});

describe("an argument", () => {
  test("that is a task instead of its result is refused", () => {
    expect(buildError(() => looseSum([inc])).message).toBe(
      'argument 1 of task "sum" is a task itself, not its result: call the task and give the handle that it returns',
    );
  });

  test("with an annotation where it has no meaning is refused", () => {
    expect(buildError(() => looseSum([unmapped(1)])).message).toBe(
      'argument 1 of task "sum" holds unmapped(…) where it has no meaning: ' +
        "it marks a whole argument of .map; leave it out here",
    );
    expect(buildError(() => looseSum.map([mapped([1])])).code).toBe("misplaced_annotation");
    expect(buildError(() => mapped([1])).message).toMatch(/^the return value of flow "f" holds mapped\(…\)/);
  });
});

describe("a flow", () => {
  test.each([undefined, "", 5])("needs a name: %j is none", (name) => {
    expect(() => flow(name as string, () => 1)).toThrow(
      new InvalidOptionError("A name must be provided for the flow."),
    );
  });

  test("needs a builder", () => {
    expect(() => flow("f", {} as () => unknown)).toThrow(
      'the builder of flow "f" must be a function, got {}: flow(name, options?, builder)',
    );
  });

  test("refuses unknown options, and parameters that are no zod object", () => {
    expect(() => flow("f", { executer: 1 } as object, () => 1)).toThrow(
      'flow "f" has no option "executer": allowed are parameters, executor, schedule, referenceTasks',
    );
    expect(() => flow("f", { parameters: { n: 1 } } as object, () => 1)).toThrow(
      'parameters of flow "f" must be a z.object({ … }) of zod 4 (npm install zod@4), got { n: 1 }',
    );
  });

  test("inside another flow's builder is refused", () => {
    expect(thrownBy(() => flow("outer", () => flow("inner", () => 1)))).toMatchObject({
      code: "nested_flow",
      message:
        'flow "inner" is defined inside the builder of flow "outer": define it outside, or make what both need ' +
        "a function that calls the tasks",
    });
  });

  test("with an async builder is refused, and what the builder does later is ignored", async () => {
    const failed = Promise.reject(new Error("later"));
    expect(buildError(() => failed)).toMatchObject({
      code: "async_builder",
      message: expect.stringContaining(
        'the builder of flow "f" returned a promise: a builder must not be async',
      ) as string,
    });
    await expect(failed).rejects.toThrow("later");
  });

  test("cannot be run from within a builder", () => {
    const ready = flow("ready", () => 1);
    expect(buildError(() => ready.run())).toMatchObject({
      code: "run_in_builder",
      message:
        'Don\'t call `flow.run()` from within a flow\'s builder: run flow "ready" after flow "f" has been defined',
    });
  });

  test("refuses unknown options of a run with a rejection", async () => {
    const options = { executer: 1 } as object;
    await expect(flow("f", () => 1).run(options)).rejects.toThrow(
      'flow.run has no option "executer": allowed are parameters, executor, context, signal, onEvent, fetch',
    );
  });
});

describe("names", () => {
  test("of two tasks with different bodies must differ within a flow", () => {
    const other = task("inc", (x: number) => x + 2);
    const error = buildError(() => [inc(1), other(1)]);
    expect(error.code).toBe("duplicate_task");
    expect(error.message).toMatch(
      /^two tasks named "inc" with different bodies are used in flow "f": rename one of them \(both are in .*build-errors\.test\.ts\)/,
    );
  });

  test("may be shared by tasks with the same body", () => {
    const body = (x: number): number => x;
    const [one, again] = [task("same", body), task("same", body)];
    expect(flow("f", () => [one(1), again(1)]).graph.nodes.map(({ slug }) => slug)).toEqual(["same-1", "same-2"]);
  });

  test("of parameters must differ from each other and from the tasks' slugs", () => {
    expect(() => flow("f", { parameters: z.object({ p: z.number() }) }, () => Parameter("p"))).toThrow(
      'A task with the slug "p" already exists in this flow.',
    );
    expect(() => flow("f", () => [inc(1), Parameter("inc-1")])).toThrow(
      'A task with the slug "inc-1" already exists in this flow.',
    );
  });

  test("of parameters that the flow does not have are refused with those that it has", () => {
    const parameters = z.object({ n: z.number(), m: z.number() });
    expect(() => flow("f", { parameters }, (given) => inc((given as unknown as { k: number }).k))).toThrow(
      'flow "f" has no parameter "k": known are n, m; declare it with flow(name, { parameters: z.object({ k: … }) }, builder)',
    );
    const noParameters = ((given: { k: number }) => inc(given.k)) as unknown as () => number;
    expect(() => flow("f", noParameters)).toThrow('flow "f" has no parameter "k": it has none');
  });
});
