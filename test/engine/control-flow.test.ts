import { describe, expect, it } from "vitest";
import { unmapped } from "../../src/flow/annotations.ts";
import { applyMap } from "../../src/flow/apply-map.ts";
import { caseOf } from "../../src/flow/case.ts";
import { FilterTask } from "../../src/flow/filter-task.ts";
import type { Handle } from "../../src/flow/handle.ts";
import { merge } from "../../src/flow/merge.ts";
import { Parameter } from "../../src/flow/parameter.ts";
import { range } from "../../src/flow/range.ts";
import { resourceManager } from "../../src/flow/resource-manager.ts";
import { SKIP } from "../../src/flow/signals.ts";
import { ifElse, switchOn } from "../../src/flow/switch.ts";
import { task } from "../../src/flow/task.ts";
import { CustomExecutor } from "./support/custom-executor.ts";
import { flowWith } from "./support/test-flow.ts";

const flow = flowWith();

const inc = task("inc", (x: number) => x + 1);
const dec = task("dec", (x: number) => x - 1);
const add = task("add", (x: number, y = 100) => x + y);
const sum = task("sum", (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0));
const isEven = task("isEven", (x: number) => x % 2 === 0);
const fail = task("fail", (x: number): number => {
  throw new RangeError(`no ${String(x)}`);
});
const skip = task("skip", (x: number): number => {
  throw new SKIP(`not ${String(x)}`);
});

describe("a case", () => {
  const example = flow("case", () => {
    const kind = new Parameter<string>("kind");
    const taken = caseOf(kind, "yes", () => add(inc(1), inc(2)));
    const nested = caseOf(kind, "no", () => caseOf(inc(1), 2, () => inc.map(range(3))));
    return { taken, nested };
  });

  it("runs when the value matches", async () => {
    const state = await example.run({ parameters: { kind: "yes" } });
    expect(state).toMatchObject({ kind: "Success", result: { taken: 5, nested: null } });
  });

  it("is skipped when it does not, with all that follows and all that is nested", async () => {
    const state = await example.run({ parameters: { kind: "no" }, executor: new CustomExecutor(3) });
    expect(state).toMatchObject({ kind: "Success", result: { taken: null, nested: [1, 2, 3] } });
    expect((await example.run({ parameters: { kind: "else" } })).result).toEqual({ taken: null, nested: null });
  });

  it("compares deeply", async () => {
    const state = await flow("deep", () => caseOf(new Parameter<number[]>("list"), [1, 2], () => inc(1))).run({
      parameters: { list: [1, 2] },
    });
    expect(state.result).toBe(2);
  });

  it("fails what is inside when the condition failed", async () => {
    const state = await flow("failing", () => caseOf(fail(1), 1, () => inc(1))).run();
    expect(state.kind).toBe("Failed");
  });
});

describe("switchOn, ifElse and merge", () => {
  const example = flow("switch", () => {
    const n = new Parameter<number>("n");
    const branches = switchOn(n, { 1: () => inc(10), 2: inc(20) });
    const [even, odd] = ifElse(
      isEven(n),
      () => inc(n),
      () => dec(n),
    );
    return { switched: merge(branches[1], branches[2]), either: merge(even, odd) };
  });

  it.each([
    [1, { switched: 11, either: 0 }],
    [2, { switched: 21, either: 3 }],
    [3, { switched: null, either: 2 }],
  ])("take the branch for %i", async (n, result) => {
    const state = await example.run({ parameters: { n } });
    expect(state).toMatchObject({ kind: "Success", result });
  });

  it("merge in the order of the arguments, however many there are", async () => {
    const state = await flow("order", () => {
      const skipped = [skip(1), skip(2)];
      const there = Array.from({ length: 12 }, (_, i) => inc(i));
      return [merge(...skipped, ...there.slice(1)), merge(...there.slice(9), ...there), merge(null, inc(1))];
    }).run();
    expect(state.result).toEqual([2, 10, 2]);
  });

  it("skip the merge of branches that were all skipped, and fail it with a branch that failed", async () => {
    const handles: { merged?: Handle<unknown>; failed?: Handle<unknown> } = {};
    const state = await flow("none", () => {
      handles.merged = merge(skip(1), skip(2));
      handles.failed = merge(inc(1), fail(2));
      return [handles.merged, inc.map([1])];
    }).run();
    expect(state.of(handles.merged as Handle<unknown>).kind).toBe("Skipped");
    expect(state.of(handles.failed as Handle<unknown>).kind).toBe("TriggerFailed");
  });
});

describe("a filter", () => {
  const good = new FilterTask<number>();
  const small = new FilterTask<number>({ name: "small", filter: (x) => x < 3 });
  const picky = task("picky", (x: number) => {
    if (x === 0) throw new SKIP("zero");
    if (x === 1) throw new Error("one");
    return x === 2 ? undefined : x;
  });

  it("drops nothings, errors and signals, or what its function says", async () => {
    const state = await flow("filter", () => [good(picky.map(range(5))), small([1, 2, 3, 4])]).run();
    expect(state.result).toEqual([[3, 4], [1, 2]]); // prettier-ignore
  });
});

describe("applyMap", () => {
  const halve = task("halve", (x: number) => x / 2);
  const tell = task("tell", (x: number, how = "plain") => `${how} ${String(x)}`);
  const example = flow("apply", () => {
    const numbers = inc.map(range(4)); // 1 2 3 4
    const results = applyMap(
      (x, y) => {
        const [even, odd] = ifElse(
          isEven(x),
          () => halve(x),
          () => inc(add(x, y)),
        );
        return { merged: merge(even, odd), told: caseOf(isEven(x), true, () => tell(7)) };
      },
      numbers,
      unmapped(inc(9)),
    );
    return { ...results, total: sum(results.merged) };
  });

  it.each([undefined, new CustomExecutor(2)])("runs a flow for each element", async (executor) => {
    const state = await example.run(executor && { executor });
    expect(state).toMatchObject({ kind: "Success" });
    expect(state.result).toEqual({
      merged: [12, 1, 14, 2],
      told: [null, "plain 7", null, "plain 7"],
      total: 29,
    });
  });

  it("keeps children apart: what fails in one goes on in the others", async () => {
    const state = await flow("apart", () => applyMap((x) => inc(ifElse(isEven(x), () => fail(x))[0]), [1, 2])).run();
    expect(state.result).toEqual([null, expect.any(Error)]);
  });
});

describe("a resource", () => {
  const events: string[] = [];
  const tell = (event: string): void => void events.push(event);
  const work = task("work", (connection: string, fails: boolean) => {
    tell(`work with ${connection}`);
    if (fails) throw new Error("work failed");
    return connection.length;
  });
  const database = resourceManager({
    name: "Database",
    setup: (url: string) => {
      if (url === "nowhere") throw new Error("no such host");
      return `connection to ${url}`;
    },
    cleanup: (connection: string, url: string) => {
      tell(`closed ${connection}, ${url}`);
    },
  });
  const example = flow("resource", () => {
    const url = new Parameter<string>("url");
    const fails = new Parameter<boolean>("fails", { default: false });
    return database(url).use((connection) => work(connection, fails));
  });
  const run = async (parameters: Record<string, unknown>): Promise<readonly [string, string[]]> => {
    events.length = 0;
    const state = await example.run({ parameters });
    return [state.kind, [...events]];
  };

  it("is cleaned up after the work, whatever became of that", async () => {
    const both = ["work with connection to db", "closed connection to db, db"];
    expect(await run({ url: "db" })).toEqual(["Success", both]);
    expect(await run({ url: "db", fails: true })).toEqual(["Failed", both]);
  });

  it("is not cleaned up where it never was", async () => {
    expect(await run({ url: "nowhere" })).toEqual(["Failed", []]);
  });

  it("does not fail the flow when cleaning up fails", async () => {
    const brittle = resourceManager({
      name: "Brittle",
      setup: () => 1,
      cleanup: () => {
        throw new Error("stuck");
      },
    });
    const state = await flow("brittle", () => brittle().use((one) => inc(one))).run();
    expect(state).toMatchObject({ kind: "Success", result: 2 });
  });

  it("is skipped with the branch that it is in", async () => {
    const state = await flow("branch", () =>
      caseOf(inc(1), 1, () => database("db").use((connection) => work(connection, false))),
    ).run();
    expect(state).toMatchObject({ kind: "Success", result: null });
  });

  it("may be a class, of which an instance is made wherever one is needed", async () => {
    class Cluster {
      readonly size: number;
      constructor(size: number) {
        this.size = size;
      }
      setup(): number[] {
        return Array.from({ length: this.size }, (_, i) => i);
      }
      cleanup(nodes: readonly number[]): void {
        tell(`${String(nodes.length)} of ${String(this.size)} gone`);
      }
    }
    events.length = 0;
    const cluster = resourceManager(Cluster);
    const state = await flow("class", () => cluster(inc(2)).use((nodes) => sum(inc.map(nodes)))).run();
    expect(state).toMatchObject({ kind: "Success", result: 6 });
    expect(events).toEqual(["3 of 3 gone"]);
  });

  it("may be one for each child of applyMap", async () => {
    events.length = 0;
    const state = await flow("each", () =>
      applyMap((url) => database(url).use((connection) => work(connection, false)), ["a", "bc"]),
    ).run();
    expect(state.result).toEqual([15, 16]);
    expect(events.slice(2).sort()).toEqual(["closed connection to a, a", "closed connection to bc, bc"]);
  });
});

describe("merge.map", () => {
  const example = flow("merging", () => {
    const kind = new Parameter<string>("kind");
    const small = caseOf(kind, "small", () => inc.map(range(3)));
    const large = caseOf(kind, "large", () => dec.map(range(4)));
    return merge.map(small, large);
  });

  it.each([
    ["small", [1, 2, 3]],
    ["large", [-1, 0, 1, 2]],
  ])("merges child by child, and a branch that was skipped as a whole is absent: %s", async (kind, result) => {
    const state = await example.run({ parameters: { kind } });
    expect(state).toMatchObject({ kind: "Success", result });
  });

  it("is skipped when all branches are, and does not map", async () => {
    const state = await example.run({ parameters: { kind: "neither" } });
    expect(state).toMatchObject({ kind: "Success", result: null });
    expect(state.of({ node: example.tasks.length - 1 }).kind).toBe("Skipped");
  });

  it("takes the first that is there of branches that were both taken, child by child", async () => {
    const both = flow("both", () => merge.map(skipOdd.map([1, 2, 3]), inc.map([10, 20, 30])));
    expect((await both.run()).result).toEqual([11, 2, 31]);
  });
});

const skipOdd = task("skipOdd", (x: number) => {
  if (x % 2 === 1) throw new SKIP("odd");
  return x;
});
