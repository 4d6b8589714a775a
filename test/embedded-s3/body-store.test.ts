import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BodyStore, commitBody, joinBodies } from "../../src/embedded/s3/body-store.ts";

/** Makes this test's own directory the temporary directory, so that what is left there is ours. */
let temporary: string;
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), "body-store-test-"));
  vi.stubEnv("TMPDIR", temporary);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(temporary, { recursive: true });
});

async function storedFiles(): Promise<string[]> {
  const [directory] = await readdir(temporary);
  return directory === undefined ? [] : readdir(join(temporary, directory));
}

const bytes = (count: number, value = 1): Uint8Array => new Uint8Array(count).fill(value);

describe("the body store", () => {
  it("makes no directory while all bodies are small", async () => {
    const store = new BodyStore();
    const body = await store.store(bytes(1024 * 1024));
    expect(await readdir(temporary)).toEqual([]);
    expect(await body.read(5, 8)).toEqual(bytes(3));
    await store.close();
  });

  it("keeps a copy: what the caller does to the buffer later does not show", async () => {
    const store = new BodyStore();
    const data = bytes(10);
    const body = await store.store(data);
    data.fill(9);
    expect(await body.read(0, 10)).toEqual(bytes(10));
    await store.close();
  });

  it("puts large bodies into files, and small ones too when the memory budget is used up", async () => {
    const store = new BodyStore({ maxMemoryBodyBytes: 100_000, memoryBudgetBytes: 150_000 });
    await store.store(bytes(100_001));
    expect(await storedFiles()).toHaveLength(1);
    const inMemory = await store.store(bytes(100_000));
    expect(await storedFiles()).toHaveLength(1);
    await store.store(bytes(50_001));
    expect(await storedFiles()).toHaveLength(2);
    inMemory.discard();
    await store.store(bytes(50_001));
    expect(await storedFiles()).toHaveLength(2);
    await store.close();
    expect(await readdir(temporary)).toEqual([]);
  });

  it("reads any range of a file, and of several bodies joined", async () => {
    const store = new BodyStore({ maxMemoryBodyBytes: 10 });
    const parts = [
      await store.store(bytes(5000, 1)),
      await store.store(bytes(3, 2)),
      await store.store(bytes(5000, 3)),
    ];
    const joined = joinBodies(parts);
    expect(joined.sizeBytes).toBe(10_003);
    expect([...(await joined.read(4998, 5005))]).toEqual([1, 1, 2, 2, 2, 3, 3]);
    expect([...(await joined.read(10_002, 10_003))]).toEqual([3]);
    expect(await joined.read(0, 10_003)).toHaveLength(10_003);
    await store.close();
  });

  it("lets a read end that began before the body was discarded (B2)", async () => {
    const store = new BodyStore({ maxMemoryBodyBytes: 0, memoryBudgetBytes: 0 });
    const body = await store.store(bytes(10_000));
    const reading = body.read(0, 10_000);
    body.discard();
    expect(await reading).toEqual(Buffer.from(bytes(10_000)));
    await vi.waitFor(async () => expect(await storedFiles()).toEqual([]));
    await store.close();
  });

  it("throws away the body of a write that was refused", async () => {
    const store = new BodyStore({ maxMemoryBodyBytes: 0, memoryBudgetBytes: 0 });
    const body = await store.store(bytes(10_000));
    const refuse = (): void => {
      throw new Error("precondition");
    };
    expect(() => commitBody(body, refuse)).toThrow("precondition");
    await vi.waitFor(async () => expect(await storedFiles()).toEqual([]));
    await store.close();
  });

  it("leaves nothing behind when it is closed during a write, and takes nothing more (B3)", async () => {
    const store = new BodyStore({ maxMemoryBodyBytes: 0, memoryBudgetBytes: 0 });
    const writing = store.store(bytes(5_000_000));
    await store.close();
    await writing;
    expect(await readdir(temporary)).toEqual([]);
    await expect(store.store(bytes(5_000_000))).rejects.toThrow("closed");
  });
});
