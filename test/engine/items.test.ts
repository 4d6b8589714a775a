import { describe, expect, it } from "vitest";
import { LocalExecutor } from "../../src/executors/local-executor.ts";
import { applyMap } from "../../src/flow/apply-map.ts";
import { Parameter } from "../../src/flow/parameter.ts";
import { task } from "../../src/flow/task.ts";
import { Flow } from "../../src/index.ts";
import { flowWith } from "./support/test-flow.ts";

const flow = flowWith();

const report = task("report", (n: number) => ({ total: n, parts: [n, n + 1, n + 2] as const, nothing: null }));
const pair = task("pair", (n: number): [number, string] => [n, String(n)]);
const inc = task("inc", (x: number) => x + 1);

describe("an item of a result", () => {
  it("is a property, an element, and what lies deeper", async () => {
    const state = await flow("items", () => {
      const made = report(5);
      const [number, text] = [pair(1).get(0), pair(2).get(1)];
      return [inc(made.get("total")), made.get("parts").at(-1), number, text, inc.map([1, 2, 3]).at(1)];
    }).run();
    expect(state.result).toEqual([6, 7, 1, "2", 3]);
  });

  it("is taken by the driver where that has the result: the executor hears nothing of it", async () => {
    const asked: string[] = [];
    class Watching extends LocalExecutor {
      override async submit(call: Parameters<LocalExecutor["submit"]>[0]): ReturnType<LocalExecutor["submit"]> {
        asked.push(call.step.slug);
        return await super.submit(call);
      }
    }
    const state = await flow("quiet", () => report(5).get("total")).run({ executor: new Watching() });
    expect(state.result).toBe(5);
    expect(asked).toEqual(["report-1"]);
  });

  it("is taken child by child inside applyMap", async () => {
    const state = await flow("mapped", () => applyMap((n) => inc(pair(n).get(0)), [1, 2, 3])).run();
    expect(state.result).toEqual([2, 3, 4]);
    const elements = flow("elements", () => applyMap((row) => inc(row.get("n")), [{ n: 1 }, { n: 5 }]));
    expect((await elements.run()).result).toEqual([2, 6]);
  });

  it("of a parameter outside of a builder needs the flow", async () => {
    const example = new Flow("imperative");
    const options = new Parameter<{ n: number }>("options");
    expect(() => options.get("n")).toThrow("No Flow was passed");
    example.returns(options.get("n", { flow: example }));
    expect((await example.run({ parameters: { options: { n: 4 } } })).result).toBe(4);
  });

  it("of nothing fails, and says so; one that is not there is undefined", async () => {
    const state = await flow("none", () => {
      const made = report(1) as unknown as { get(key: string): { get(key: string): unknown } };
      return { deep: made.get("nothing").get("x"), absent: made.get("absent") };
    }).run();
    expect(state.error?.message).toBe("null has no 'x': the task returned nothing to take it from");
    expect(state.result).toMatchObject({ absent: undefined });
  });

  it("is called by its handle's name", () => {
    const { graph } = flow("named", () => report(1).get("total"));
    expect(graph.nodes[1]?.name).toBe("report-1.get('total')");
  });
});
