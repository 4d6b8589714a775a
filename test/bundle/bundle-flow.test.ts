import { symlink } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { bundleFlow } from "../../src/bundle/bundle-flow.ts";
import { loadInThread } from "./load-in-thread.ts";
import { temporaryProject } from "./temporary-project.ts";

const simpleFlow = `
import { FargateExecutor, flow, task } from "cloudburst";
const inc = task("inc", (x: number) => x + 1);
export const example = flow("example", () => inc.map([1, 2, 3]));
await example.run({ executor: new FargateExecutor({ clusterKwargs: { nWorkers: 2 } }) });
throw new Error("never reached in a worker");
`;

function sourceOf(entry: string, modules: readonly string[] = []) {
  return { entry, modules, flowName: "example", taskNames: ["inc"] };
}

describe("what a bundle does", () => {
  test("a script that awaits its flow's run at the top level stops there, with its tasks defined", async () => {
    const project = await temporaryProject({ "flow.ts": simpleFlow });
    const bundle = await bundleFlow(sourceOf(project.path("flow.ts"), [project.path("flow.ts")]));
    expect(await loadInThread(bundle, { task: "inc", args: [41] })).toEqual({
      ended: "suspended",
      tasks: ["inc"],
      result: 42,
    });
  });

  test("modules that define tasks are evaluated before the flow's own, each once, by whatever name it is given", async () => {
    const project = await temporaryProject({
      "dec.ts": `import { task } from "cloudburst"; (globalThis as { n?: number }).n = ((globalThis as { n?: number }).n ?? 0) + 1;
        export const dec = task("dec", (x: number) => [x - 1, (globalThis as { n?: number }).n]);`,
      "flow.ts": `import { flow, task } from "cloudburst"; import { dec } from "./dec.ts";
        const inc = task("inc", (x: number) => x + 1); await flow("f", () => inc(dec(1))).run();`,
    });
    await symlink(project.path("dec.ts"), project.path("other-name.ts"));
    const modules = ["flow.ts", "other-name.ts", "dec.ts", "dec.ts"].map((name) => project.path(name));
    const loaded = await loadInThread(await bundleFlow(sourceOf(project.path("flow.ts"), modules)), {
      task: "dec",
      args: [1],
    });
    expect(loaded).toEqual({ ended: "suspended", tasks: ["dec", "inc"], result: [0, 1] });
  });

  test("tasks of a module that the flow's module does not import are there as well", async () => {
    const project = await temporaryProject({
      "tasks.ts": `import { task } from "cloudburst"; export const far = task("far", () => "here");`,
      "flow.ts": `import { flow } from "cloudburst"; export const make = (t: () => string) => flow("f", () => t());`,
    });
    const bundle = await bundleFlow(sourceOf(project.path("flow.ts"), [project.path("tasks.ts")]));
    expect(await loadInThread(bundle, { task: "far", args: [] })).toMatchObject({ ended: "evaluated", result: "here" });
  });

  test("TypeScript that is compiled to CommonJS may ask whether it is the script: in a worker it is not", async () => {
    const project = await temporaryProject({
      "flow.ts": `import { task } from "cloudburst"; task("inc", (x: number) => x + 1);
        const exports = "a name like any other";
        if (require.main === module) throw new Error("ran as a script, " + exports);`,
    });
    const bundle = await bundleFlow(sourceOf(project.path("flow.ts")));
    expect(await loadInThread(bundle, { task: "inc", args: [1] })).toMatchObject({ ended: "evaluated", result: 2 });
  });

  test("the builder of a flow does not run in a worker", async () => {
    const project = await temporaryProject({
      "flow.ts": `import { flow, task } from "cloudburst"; task("inc", (x: number) => x + 1);
        export const f = flow("f", () => { throw new Error("the builder ran"); });`,
    });
    expect(await loadInThread(await bundleFlow(sourceOf(project.path("flow.ts"))))).toMatchObject({
      ended: "evaluated",
      tasks: ["inc"],
    });
  });

  test("CommonJS dependencies find require, __filename and __dirname, and modules may define their own", async () => {
    const project = await temporaryProject({
      "node_modules/old/index.js": `const path = require("path"); module.exports = () => [path.basename(__dirname).length > 0, typeof __filename];`,
      "flow.ts": `import { createRequire } from "node:module"; import { fileURLToPath } from "node:url";
        import { task } from "cloudburst"; import old from "old";
        const require = createRequire(import.meta.url); const __filename = fileURLToPath(import.meta.url);
        task("inc", () => [...old(), typeof require("node:fs").readFileSync, __filename.endsWith(".mjs")]);`,
    });
    const loaded = await loadInThread(await bundleFlow(sourceOf(project.path("flow.ts"))), { task: "inc", args: [] });
    expect(loaded).toMatchObject({ ended: "evaluated", result: [true, "string", "function", true] });
  });

  test("the user's tsconfig paths are respected", async () => {
    const project = await temporaryProject({
      "tsconfig.json": `{ "compilerOptions": { "paths": { "#lib/*": ["./lib/*"] } } }`,
      "lib/one.ts": `export const one = 1;`,
      "flow.ts": `import { task } from "cloudburst"; import { one } from "#lib/one.ts"; task("inc", (x: number) => x + one);`,
    });
    const loaded = await loadInThread(await bundleFlow(sourceOf(project.path("flow.ts"))), { task: "inc", args: [1] });
    expect(loaded.result).toBe(2);
  });

  test("a project that declares itself free of side effects keeps the imports that Node would evaluate", async () => {
    const project = await temporaryProject({
      "package.json": `{ "type": "module", "sideEffects": false }`,
      "tasks.ts": `import { task } from "cloudburst"; task("inc", (x: number) => x + 1);`,
      "flow.ts": `import { flow } from "cloudburst"; import "./tasks.ts"; export const f = flow("f", () => 1);`,
    });
    const loaded = await loadInThread(await bundleFlow(sourceOf(project.path("flow.ts"))), { task: "inc", args: [1] });
    expect(loaded.result).toBe(2);
  });

  test("what the driver sets up before it runs the flow does nothing in a worker", async () => {
    const project = await temporaryProject({
      "flow.ts": `import { createProgress, flow, LocalExecutor, task, US_EAST_1_PRICES } from "cloudburst";
        task("inc", (x: number) => x + 1);
        const progress = createProgress({ stream: process.stdout });
        const listener = await progress.start(US_EAST_1_PRICES.deep.price);
        const example = flow("example", () => 1);
        example.executor = new LocalExecutor();
        for (const line of listener.lines) throw new Error(String(line));
        await example.run({ onEvent: progress.onEvent });`,
    });
    const loaded = await loadInThread(await bundleFlow(sourceOf(project.path("flow.ts"))), { task: "inc", args: [1] });
    expect(loaded).toEqual({ ended: "suspended", tasks: ["inc"], result: 2 });
  });

  test("a task that needs what only the driver has gets an error that says so", async () => {
    const project = await temporaryProject({
      "flow.ts": `import { formatSummary, task } from "cloudburst"; task("inc", () => formatSummary());`,
    });
    const loaded = await loadInThread(await bundleFlow(sourceOf(project.path("flow.ts"))), { task: "inc", args: [] });
    expect(loaded.result).toContain("formatSummary belongs to the driver, and this code runs on a worker");
  });
});

describe("stack traces", () => {
  const throwing = [
    'import { task } from "cloudburst";',
    "interface Unused { readonly n: number }",
    "",
    'task("inc", (x: number): Unused => {',
    '  throw new Error("thrown on line 5");',
    "});",
  ].join("\n");

  test("name the user's TypeScript file and line, even where its path has a space and a percent sign", async () => {
    const project = await temporaryProject({ "50% done/flow.ts": throwing });
    const entry = project.path("50% done/flow.ts");
    const loaded = await loadInThread(await bundleFlow(sourceOf(entry)), { task: "inc", args: [1] });
    expect(loaded.result).toContain(`${entry}:5:9`);
  });

  test("name the TypeScript file of a module that was compiled before, by its own source map", async () => {
    const project = await temporaryProject({ "src/flow.ts": throwing });
    const compiled = ts.transpileModule(throwing, {
      fileName: "../src/flow.ts",
      compilerOptions: { sourceMap: true, module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
    });
    await project.write("dist/flow.js", compiled.outputText);
    await project.write("dist/flow.js.map", (compiled.sourceMapText ?? "").replace('"flow.ts"', '"../src/flow.ts"'));
    const bundle = await bundleFlow(sourceOf(project.path("dist/flow.js")));
    const loaded = await loadInThread(bundle, { task: "inc", args: [1] });
    expect(loaded.result).toContain(`${project.path("src/flow.ts")}:5:9`);
  });
});

describe("what a bundle is", () => {
  const byPath = fileURLToPath(new URL("../../src/index.ts", import.meta.url));

  test.each([
    ["by its name", "cloudburst"],
    ["by the path of its front door", byPath],
  ])("a simple flow that imports Cloudburst %s takes a few tens of kilobytes and no engine", async (_, specifier) => {
    const project = await temporaryProject({
      "flow.ts": simpleFlow.replace('"cloudburst"', JSON.stringify(specifier)),
    });
    const bundle = await bundleFlow(sourceOf(project.path("flow.ts")));
    expect(bundle.code.byteLength).toBeLessThan(120_000);
    expect(bundle.inputs).toContain(project.path("flow.ts"));
    expect(bundle.inputs.filter((input) => /src\/(engine|executors|cluster|wire)\/|node_modules/.test(input))).toEqual(
      [],
    );
  });

  test("its hash changes with the code and with nothing else", async () => {
    const project = await temporaryProject({ "flow.ts": simpleFlow });
    const first = await bundleFlow(sourceOf(project.path("flow.ts")));
    const second = await bundleFlow({ ...sourceOf(project.path("flow.ts")), flowName: "other" });
    await project.write("flow.ts", simpleFlow.replace("x + 1", "x + 2"));
    const third = await bundleFlow(sourceOf(project.path("flow.ts")));
    expect(second.sha256).toBe(first.sha256);
    expect(third.sha256).not.toBe(first.sha256);
    expect(first.sha256).toMatch(/^[0-9a-f]{64}$/);
  });
});
