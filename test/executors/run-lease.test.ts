import { beforeEach, describe, expect, it } from "vitest";
import type { CloudburstError } from "../../src/base/errors.ts";
import { holdRunLease } from "../../src/executors/run-lease.ts";
import { runLeaseKey } from "../../src/wire/keys.ts";
import { decodeRunLease, encodeRunLease, type RunLease } from "../../src/wire/run-lease.ts";
import { FakeClock } from "../observe/fake-clock.ts";
import { MemoryStore } from "../worker/memory-store.ts";

const key = runLeaseKey("run");
let clock: FakeClock;
let store: MemoryStore;
let losses: CloudburstError[];

beforeEach(() => {
  clock = new FakeClock();
  store = new MemoryStore();
  losses = [];
});

const hold = async () =>
  await holdRunLease({
    store,
    runId: "run",
    driver: 1,
    notices: "http://127.0.0.1/cloudburst-run-notices",
    clock,
    lookMs: undefined,
    onLoss: (error) => losses.push(error),
  });

const written = (): RunLease => decodeRunLease(Buffer.from(store.objects.get(key) ?? []).toString());

describe("a driver that has been away for minutes", () => {
  it("goes on where nobody has taken its run over", async () => {
    const lease = await hold();
    await clock.advance(200_000);
    expect(lease.isLost).toBe(false);
    expect(written()).toMatchObject({ state: "running", driver: 1, renewal: 1 });
    await lease.end();
    expect(written().state).toBe("ended");
  });

  it("gives up where somebody has, and writes no more", async () => {
    const lease = await hold();
    const theirs = encodeRunLease({
      v: 1,
      state: "running",
      renewal: 3,
      driver: 2,
      notices: "cloudburst-run-2-notices",
    });
    await store.put(key, Buffer.from(theirs));
    await clock.advance(400_000);
    expect(losses).toMatchObject([{ code: "run_taken_over" }]);
    await lease.end();
    expect(lease.isLost).toBe(true);
    expect(written()).toMatchObject({ state: "running", driver: 2, renewal: 3 });
  });
});

describe("a driver that has been there all the time", () => {
  it("asks for nothing", async () => {
    const lease = await hold();
    for (let minute = 0; minute < 10; minute += 1) await clock.advance(30_000);
    expect(store.reads).toEqual([]);
    await lease.end();
    expect(store.reads).toEqual([]);
  });
});
