import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createFlowRunner } from "../../src/engine/run-flow.ts";
import { caseOf } from "../../src/flow/case.ts";
import { flatten } from "../../src/flow/flatten.ts";
import { createFlowFactory } from "../../src/flow/flow-factory.ts";
import { Parameter } from "../../src/flow/parameter.ts";
import { resourceManager } from "../../src/flow/resource-manager.ts";
import { task } from "../../src/flow/task.ts";
import { alwaysRun } from "../../src/flow/trigger.ts";
import { drawFlow } from "../../src/visualize/draw-flow.ts";
import { directoryWith } from "../config/temporary-directory.ts";
import { testDeps } from "../engine/support/test-graph.ts";

const flow = createFlowFactory(createFlowRunner(testDeps), drawFlow);

const inc = task("inc", (x: number) => x + 1);
const add = task("add", (x: number, y: number) => x + y);
const sum = task("sum", (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0), { trigger: alwaysRun });

const example = flow("example", () => {
  const incs = inc.map(Parameter<number[]>("xs", { default: [1, 2, 3] }));
  return sum(add.map(incs, incs));
});

describe("a picture of a flow", () => {
  test("shows parameters, tasks and mapped tasks, and which parameter takes what", () => {
    expect(example.visualize().mermaid).toBe(`---
title: "example"
---
flowchart TD
  n0(["xs"]):::parameter
  n1[["inc #60;map#62;"]]:::task
  n2[["add #60;map#62;"]]:::task
  n3("sum"):::task
  n0 -.->|"x"| n1
  n1 -.->|"x, y"| n2
  n2 -->|"numbers"| n3
  classDef parameter fill:#fffbea,stroke:#d9a514,color:#5c4708
  classDef task fill:#eef2ff,stroke:#6478d3,color:#24305e
`);
  });

  test("has mapped tasks as boxes named <map> and mapped edges dashed in DOT", () => {
    const { dot } = example.visualize();
    expect(dot).toMatch(/n1 \[shape=box style="filled" peripheries=2 label=<inc &lt;map&gt;>/);
    expect(dot).toMatch(/n3 \[shape=box style="filled,rounded" label=<sum>/);
    expect(dot).toContain("n1 -> n2 [label=< x, y > style=dashed]");
    expect(dot).toContain("n2 -> n3 [label=< numbers >]\n");
  });

  test("lies on its side when it is to be horizontal", () => {
    const { dot, mermaid } = example.visualize({ horizontal: true });
    expect([dot.includes("rankdir=LR"), mermaid.includes("flowchart LR")]).toEqual([true, true]);
    expect([example.visualize().dot.includes("rankdir=TB")]).toEqual([true]);
  });

  test("names the keys of an object, marks what is flattened, and draws what is only waited for without a name", () => {
    const lists = task("lists", (n: number) => [n]);
    const report = task("report", ({ total, rows }: { total: number; rows: unknown }) => [total, rows]);
    const clean = task("clean", () => "clean");
    const { mermaid } = flow("report", () => {
      const nested = lists.map([1, 2]);
      const total = sum(flatten(nested));
      const made = report({ total, rows: [nested] });
      clean.with({ after: [made] })();
    }).visualize();
    expect(mermaid.split("\n").filter((line) => line.includes("-->"))).toEqual([
      '  n0 -->|"flatten(numbers)"| n1',
      '  n1 -->|"total"| n2',
      '  n0 -->|"rows"| n2',
      "  n2 --> n3",
    ]);
  });

  test("is drawn as SVG whatever a task is called", async () => {
    const odd = task('<b>&amp; "q" ]\\ \u0007\n`', () => 1);
    const svg = await flow("odd & <flow>", () => odd())
      .visualize()
      .svg();
    expect(svg).toContain("odd &amp; &lt;flow&gt;");
    expect(svg).toContain("&lt;b&gt;&amp;amp; &quot;q&quot; ]");
  });

  test("cannot mean anything else to Mermaid by a task's name", () => {
    const odd = task('x"]; click n0 "javascript:alert(1)"', () => 1);
    const { mermaid } = flow("odd", () => odd()).visualize();
    expect(mermaid).toContain('n0("x#34;#93;#59; click n0 #34;javascript:alert(1)#34;"):::task');
  });

  test("refuses unknown options", () => {
    expect(() => example.visualize({ colour: "red" } as never)).toThrow(/flow\.visualize has no option "colour"/);
  });
});

describe("a picture of a run", () => {
  const picky = task("picky", (x: number) => {
    if (x === 2) throw new Error("not 2");
    return x;
  });
  const after = task("after", (xs: readonly number[]) => xs.length);
  const running = flow("running", () => after(picky.map([1, 2, 3])));

  test("colours tasks by state, and counts the children of mapped ones, coloured by the worst of them", async () => {
    const state = await running.run();
    const { mermaid, dot } = running.visualize({ state });
    expect(mermaid).toContain('title: "running · Failed"');
    expect(mermaid).toContain('n0[["picky #60;map#62;<br/>2 Success · 1 Failed"]]:::failed');
    expect(mermaid).toContain('n1("after"):::triggerfailed');
    expect(dot).toMatch(/picky &lt;map&gt;<BR\/>.*2 Success · 1 Failed.* fillcolor="#fde8e8"/);
  });

  test("is green where all went well", async () => {
    const state = await example.run();
    const { mermaid } = example.visualize({ state });
    expect(mermaid).toContain('n1[["inc #60;map#62;<br/>3 Success"]]:::success');
    expect(mermaid).toContain('n3("sum"):::success');
  });

  test("says so where a mapped task had nothing to do", async () => {
    const state = await example.run({ parameters: { xs: [] } });
    expect(example.visualize({ state }).mermaid).toContain("no children");
  });

  test("refuses the state of another flow, and what is no state", async () => {
    const state = await running.run();
    expect(() => example.visualize({ state })).toThrow(/state\.of needs a handle of flow "running"/);
    expect(() => example.visualize({ state: "Success" as never })).toThrow(/state must be what flow\.run resolved to/);
  });
});

describe("saving a picture", () => {
  test("writes the language that the file's name asks for", async () => {
    await using directory = await directoryWith({});
    const diagram = example.visualize();
    const wanted = {
      "a.svg": await diagram.svg(),
      "a.dot": diagram.dot,
      "a.gv": diagram.dot,
      "a.MMD": diagram.mermaid,
    };
    for (const [name, content] of Object.entries(wanted)) {
      const file = join(directory.path, name);
      await diagram.save(file);
      await expect(readFile(file, "utf8")).resolves.toBe(content);
    }
  });

  test("refuses other names", async () => {
    await expect(example.visualize().save("flow.png")).rejects.toThrow(/\.svg, \.dot, \.gv, .* got "flow\.png"/);
  });
});

test("branches and resources are drawn as the tasks that they are", () => {
  const manager = resourceManager({ name: "Database", setup: () => 1, cleanup: () => undefined });
  const branching = flow("branching", () => {
    caseOf(inc(1), 2, () => inc(3));
    manager().use(() => inc(5));
  });
  const lines = branching
    .visualize()
    .mermaid.split("\n")
    .map((line) => line.trim());
  expect(lines.filter((line) => line.includes("case") || line.includes("cleanup"))).toEqual([
    expect.stringContaining("case(2)"),
    expect.stringContaining("Database.cleanup"),
  ]);
  // Comparing comes before what is compared for; cleaning up takes the resource, and waits for who used it.
  const ends = (from: string, to: string): unknown => lines.find((line) => line.startsWith(from) && line.endsWith(to));
  expect(ends("n1 ", "n2")).toBeDefined();
  expect(ends("n3 ", "n6")).toBeDefined();
  expect(ends("n4 ", "n6")).toBeDefined();
  expect(ends("n5 ", "n6")).toBeDefined();
});
