import { expect, test } from "vitest";
import { CloudburstError } from "../../src/base/errors.ts";
import { type BundleSource, bundleFlow } from "../../src/bundle/bundle-flow.ts";
import { loadInThread } from "./load-in-thread.ts";
import { temporaryProject } from "./temporary-project.ts";

async function refusalOf(source: Partial<BundleSource>): Promise<CloudburstError> {
  const bundling = bundleFlow({ entry: undefined, modules: [], flowName: "f", taskNames: [], ...source });
  const error: unknown = await bundling.then(
    () => new Error("the flow was bundled"),
    (refusal: unknown) => refusal,
  );
  if (error instanceof CloudburstError) return error;
  throw error;
}

test("a syntax error is told with file, line and column, and how many more there are", async () => {
  const project = await temporaryProject({ "flow.ts": "const a = 1;\nconst = 2;\n" });
  const entry = project.path("flow.ts");
  const error = await refusalOf({ entry });
  expect(error).toMatchObject({ code: "bundle_failed", retryable: false, data: { file: entry, line: 2, column: 7 } });
  expect(error.message).toBe(
    `flow "f" cannot be bundled for the workers: Expected identifier but found "=" (${entry}:2:7)`,
  );
});

test("a package that is not installed is told with its importer and the command that installs it", async () => {
  const project = await temporaryProject({
    "flow.ts": `import "./deep.ts";`,
    "deep.ts": `import pad from "@left/pad/deep";\nexport default pad;`,
  });
  const error = await refusalOf({ entry: project.path("flow.ts") });
  expect(error.code).toBe("bundle_failed");
  expect(error.message).toContain(
    `cannot find "@left/pad/deep", imported at ${project.path("deep.ts")}:1:17 (npm install @left/pad)`,
  );
});

test("a path that a package does not export is told as that, not as a missing package", async () => {
  const project = await temporaryProject({
    "flow.ts": `import "strict/inner";`,
    "node_modules/strict/package.json": `{ "name": "strict", "exports": { ".": "./index.js" } }`,
    "node_modules/strict/index.js": "",
  });
  const error = await refusalOf({ entry: project.path("flow.ts") });
  expect(error.message).toContain('(the path "./inner" is not exported by package "strict")');
});

test("a file that is not there is told with its importer; several problems are counted", async () => {
  const project = await temporaryProject({ "flow.ts": `import "./nope.ts";\nimport "./nor-this.ts";` });
  const error = await refusalOf({ entry: project.path("flow.ts") });
  expect(error.message).toContain(
    `cannot find "./nope.ts", imported at ${project.path("flow.ts")}:1:8 (no such file; check the path and its extension); and 1 more`,
  );
});

test("a name that Cloudburst does not export is told", async () => {
  const project = await temporaryProject({ "flow.ts": `import { tusk } from "cloudburst";\ntusk();` });
  const error = await refusalOf({ entry: project.path("flow.ts") });
  expect(error.message).toContain('"tusk"');
  expect(error.data).toMatchObject({ file: project.path("flow.ts"), line: 1 });
});

test.each([undefined, "[stdin]", "/home/user/[eval1]"])(
  "a flow that was defined in %s must move to a module",
  async (entry) => {
    const error = await refusalOf({ entry, taskNames: ["inc", "dec"] });
    expect(error.code).toBe("bundle_entry_unknown");
    expect(error.message).toContain(
      `it and its tasks inc, dec were defined in ${entry ?? "code that belongs to no file"}`,
    );
    expect(error.message).toContain("into a file");
  },
);

test("a module that is not on disk is named", async () => {
  const project = await temporaryProject({ "flow.ts": "" });
  const missing = project.path("gone.ts");
  const error = await refusalOf({ entry: project.path("flow.ts"), modules: [missing] });
  expect(error).toMatchObject({ code: "bundle_module_missing", data: { file: missing } });
  expect(error.message).toContain(`its module ${missing} is not on disk`);
});

test("a native addon that would be loaded at once is told with its package and the chain of imports", async () => {
  const project = await temporaryProject({
    "flow.ts": `import "./image.ts";`,
    "image.ts": `import sharp from "sharpish"; export const s = sharp;`,
    "node_modules/sharpish/index.js": `module.exports = require("./build/sharpish.node");`,
    "node_modules/sharpish/build/sharpish.node": "\u0000machine code",
  });
  const error = await refusalOf({ entry: project.path("flow.ts") });
  expect(error.code).toBe("bundle_native_addon");
  expect(error.message).toContain(
    `package "sharpish" needs the native addon ${project.path("node_modules/sharpish/build/sharpish.node")}, ` +
      "imported by flow.ts > image.ts > node_modules/sharpish/index.js (native addons cannot be bundled: ",
  );
});

test("a native addon that its package can do without does not hinder the flow", async () => {
  const project = await temporaryProject({
    "flow.ts": `import { task } from "cloudburst"; import fast from "fastish"; import { lookUp } from "loaderish";
      task("inc", async () => [fast, await import("./fast.node").catch(() => "none"), lookUp()]);`,
    "fast.node": "\u0000",
    "node_modules/fastish/index.js": `try { module.exports = require("./fast.node"); } catch { module.exports = "slow"; }`,
    "node_modules/fastish/fast.node": "\u0000",
    "node_modules/loaderish/index.js": `exports.lookUp = () => { try { return require("bindings")("x.node"); } catch (e) { return e.message; } };`,
  });
  const bundle = await bundleFlow({ entry: project.path("flow.ts"), modules: [], flowName: "f", taskNames: [] });
  const loaded = await loadInThread(bundle, { task: "inc", args: [] });
  const sentence = 'package "loaderish" needs a native addon (native addons cannot be bundled: ';
  expect(loaded).toMatchObject({ ended: "evaluated", result: ["slow", "none", expect.stringContaining(sentence)] });
});
