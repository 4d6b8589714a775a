import { beforeEach, describe, expect, it } from "vitest";
import { holdRunLease, type RunLeaseHolder } from "../../src/executors/run-lease.ts";
import { decodeRunLease, encodeRunLease } from "../../src/wire/run-lease.ts";
import { runLeaseKey } from "../../src/wire/keys.ts";
import { ActivityReport } from "../../src/worker/activity-report.ts";
import { driverGone } from "../../src/worker/driver-watch.ts";
import { FakeClock } from "../observe/fake-clock.ts";
import { MemoryStore } from "./memory-store.ts";

const runId = "run-1";
const graceMs = 300_000;
let clock: FakeClock;
let store: MemoryStore;

beforeEach(() => {
  clock = new FakeClock();
  store = new MemoryStore();
});

/** A worker's watch, with the lists of those that are to leave as it saw them. */
function watch(signal = new AbortController().signal) {
  const seen: (readonly string[] | undefined)[] = [];
  const gone = driverGone(
    {
      store,
      runId,
      notices: "http://127.0.0.1/notices",
      graceMs,
      clock,
      onLease: ({ scaling }) => seen.push(scaling?.leaving),
    },
    signal,
  );
  return { seen, gone };
}

async function hold(lookMs: number | undefined): Promise<RunLeaseHolder> {
  return await holdRunLease({
    store,
    runId,
    driver: 1,
    notices: "http://127.0.0.1/notices",
    clock,
    lookMs,
    onLoss: () => undefined,
  });
}

function written() {
  return decodeRunLease(Buffer.from(store.objects.get(runLeaseKey(runId)) ?? []).toString());
}

describe("the lease of a run whose fleet scales", () => {
  it("is looked at as often as it says, and tells who is to leave", async () => {
    const lease = await hold(5_000);
    const { seen } = watch();
    await clock.advance(1_000);
    lease.dismiss(["a"]);
    await clock.advance(5_000);
    expect(seen).toEqual([[], ["a"]]);
  });

  it("is written again only when somebody else is to leave", async () => {
    const lease = await hold(5_000);
    lease.dismiss(["a", "b"]);
    await clock.advance(0);
    const before = store.objects.get(runLeaseKey(runId));
    lease.dismiss(["b"]);
    await clock.advance(0);
    expect(store.objects.get(runLeaseKey(runId))).toBe(before);
    lease.dismiss(["b", "c"]);
    await clock.advance(0);
    expect(written().scaling?.leaving).toEqual(["b", "c"]);
  });

  it("says that the run is over after all that was to be written before", async () => {
    const lease = await hold(5_000);
    lease.dismiss(["a"]);
    await lease.end();
    lease.dismiss(["b"]);
    await clock.advance(0);
    expect(written()).toMatchObject({ state: "ended", scaling: { leaving: ["a"] } });
  });
});

describe("the lease of a run with a fixed number of workers", () => {
  it("names nobody and is looked at four times in a grace period", async () => {
    const lease = await hold(undefined);
    const { seen } = watch();
    await clock.advance(1_000);
    lease.dismiss(["a"]);
    for (let passed = 0; passed < graceMs; passed += 5_000) await clock.advance(5_000);
    expect(seen).toEqual([undefined, undefined, undefined, undefined, undefined]);
    expect(written().scaling).toBeUndefined();
  });
});

describe("a worker", () => {
  it("that is there before the lease looks again soon", async () => {
    const { seen } = watch();
    await clock.advance(1_000);
    await hold(5_000);
    await clock.advance(1_000);
    expect(seen).toEqual([[]]);
  });

  it("learns that the run is over, within a second when it comes late", async () => {
    await (await hold(5_000)).end();
    const { gone } = watch();
    await clock.advance(1_000);
    expect(await gone).toBe("ended");
  });

  it("gives up when the lease has not changed for the grace period", async () => {
    const lease = encodeRunLease({ v: 1, state: "running", renewal: 1, scaling: { lookMs: 5_000, leaving: [] } });
    await store.put(runLeaseKey(runId), Buffer.from(lease));
    const { seen, gone } = watch();
    for (let passed = 0; passed <= graceMs; passed += 5_000) await clock.advance(5_000);
    expect(await gone).toBe("driver-lost");
    expect(seen.length).toBe(graceMs / 5_000);
  });
});

describe("what a worker tells of its activity", () => {
  it("is that it rests when it had nothing to do from one look to the next, and that it works again", () => {
    const told: [boolean, number][] = [];
    const activity = new ActivityReport((idle, turn) => told.push([idle, turn]));
    activity.looked();
    activity.busy();
    activity.looked();
    activity.idle();
    activity.looked();
    activity.busy();
    activity.idle();
    expect(told).toEqual([]);
    activity.looked();
    activity.looked();
    activity.looked();
    expect(told).toEqual([[true, 1]]);
    activity.busy();
    activity.idle();
    expect(told).toEqual([
      [true, 1],
      [false, 2],
    ]);
  });
});
