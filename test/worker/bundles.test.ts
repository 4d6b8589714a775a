import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bundleKey } from "../../src/wire/keys.ts";
import { type Bundles, createBundles } from "../../src/worker/bundles.ts";
import { until } from "../embedded/until.ts";
import { MemoryStore } from "./memory-store.ts";

let store: MemoryStore;
let bundles: Bundles;
beforeEach(() => {
  store = new MemoryStore();
  bundles = createBundles(store, 2);
});
afterEach(async () => {
  await bundles[Symbol.asyncDispose]();
});

async function upload(code: string, name = createHash("sha256").update(code).digest("hex")): Promise<string> {
  await store.put(bundleKey(name), Buffer.from(code));
  return name;
}

describe("the bundles of a worker", () => {
  it("are brought once each", async () => {
    const name = await upload("export {}");
    expect(await bundles.file(name)).toBe(await bundles.file(name));
    expect(store.reads).toHaveLength(1);
  });

  it("stay bounded: the file not used for longest goes, and comes back when it is asked for", async () => {
    const [a, b, c] = [await upload("a"), await upload("b"), await upload("c")];
    const files = [await bundles.file(a), await bundles.file(b), await bundles.file(a), await bundles.file(c)];
    await until("the second file is gone", () => !existsSync(files[1] ?? ""));
    expect([files[0], files[3]].map((file) => existsSync(file ?? ""))).toEqual([true, true]);
    expect(existsSync(await bundles.file(b))).toBe(true);
  });

  it("are run only when their content is what their name says (I10)", async () => {
    const name = await upload("something else", "0".repeat(64));
    await expect(bundles.file(name)).rejects.toMatchObject({ code: "bundle_mismatch" });
    await expect(bundles.file("1".repeat(64))).rejects.toMatchObject({ code: "bundle_missing" });
  });
});
