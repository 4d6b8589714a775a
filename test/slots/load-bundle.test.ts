import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadBundle, type LoadedBundle } from "../../src/slots/load-bundle.ts";

let directory = "";

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "cloudburst-bundle-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

/** A bundle that announces the tasks that `made` makes, as the real ones do. */
async function bundleOf(made: string): Promise<LoadedBundle> {
  const file = join(directory, "bundle.mjs");
  const code = `class Add { constructor(by, options) { this.name = "Add"; this.by = by; this.options = options; this.nodeOptions = { keeping: () => options }; } run(x) { return x + this.by; } }
    for (const task of [${made}]) globalThis[Symbol.for("cloudburst.onTask")](task);`;
  await writeFile(file, code);
  return await loadBundle(file);
}

describe("several instances of one task class", () => {
  test("are one task when their fields are the same", async () => {
    const bundle = await bundleOf("new Add(1), new Add(1), new Add(1)");
    const add = bundle.task("Add");
    expect(Reflect.apply(add.run, add, [5])).toBe(6);
  });

  test("are one task when only their options differ: these are the driver's business", async () => {
    const bundle = await bundleOf('new Add(1, { target: "a" }), new Add(1, { target: () => "b" })');
    expect(bundle.task("Add").run).toBeTypeOf("function");
  });

  test("cannot be told apart when their fields differ", async () => {
    const bundle = await bundleOf("new Add(1), new Add(2)");
    expect(() => bundle.task("Add")).toThrow('two tasks are named "Add"');
  });
});
