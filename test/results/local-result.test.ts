import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LocalResult } from "../../src/results/local-result.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "results-"));
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});

describe("LocalResult", () => {
  it("gives back what was written, and undefined for what was not", async () => {
    const store = new LocalResult({ dir: join(dir, "deep", "er") });
    expect(await store.read("a/b")).toBeUndefined();
    const value = { when: new Date(0), tags: new Set(["x"]), none: undefined, big: 12n };
    await store.write("a/b", value);
    expect(await store.read("a/b")).toEqual({ value });
    await store.write("a/b", null);
    expect(await store.read("a/b")).toEqual({ value: null });
    expect(await readdir(join(dir, "deep", "er", "a"))).toEqual(["b"]);
  });

  it("writes JSON for other readers", async () => {
    const store = new LocalResult({ dir, format: "json" });
    await store.write("x.json", { a: [1, null] });
    expect(await readFile(join(dir, "x.json"), "utf8")).toBe('{"a":[1,null]}');
    expect(await store.read("x.json")).toEqual({ value: { a: [1, null] } });
    await expect(store.write("x.json", undefined)).rejects.toThrow("cannot be written as JSON");
  });

  it("knows which of many keys it has", async () => {
    const store = new LocalResult({ dir });
    await store.write("a/1", 1);
    await store.write("b/2", 2);
    expect(await store.among(["a/1", "a/2", "b/2", "c/1"])).toEqual(new Set(["a/1", "b/2"]));
  });

  it.each(["../outside", "/etc/passwd", "", ".", "a/../../x", "nul\0"])("refuses the key %j", async (key) => {
    const store = new LocalResult({ dir });
    await expect(store.read(key)).rejects.toMatchObject({ code: "bad_result_key" });
    await expect(store.write(key, 1)).rejects.toMatchObject({ code: "bad_result_key" });
    await expect(store.among([key, key])).rejects.toMatchObject({ code: "bad_result_key" });
  });

  it("says what is no result", async () => {
    await writeFile(join(dir, "broken"), "{");
    await expect(new LocalResult({ dir }).read("broken")).rejects.toMatchObject({ code: "bad_result" });
  });

  it("refuses wrong options", () => {
    expect(() => new LocalResult({ dir: "" })).toThrow("LocalResult needs `dir`");
    expect(() => new LocalResult({ dir, format: "xml" as never })).toThrow('"values" or "json", got xml');
  });
});
