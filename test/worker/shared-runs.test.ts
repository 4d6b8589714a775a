import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runLeaseKey } from "../../src/wire/keys.ts";
import { encodeRunLease, type RunLease } from "../../src/wire/run-lease.ts";
import { type RunContact, SharedRuns } from "../../src/worker/shared-runs.ts";
import type { Visit } from "../../src/worker/runs.ts";
import { FakeClock } from "../observe/fake-clock.ts";
import { MemoryStore } from "./memory-store.ts";

const graceMs = 60_000;
const long = { runId: "long", notices: "http://127.0.0.1/long" };
const short = { runId: "short", notices: "http://127.0.0.1/short" };

let clock: FakeClock;
let store: MemoryStore;
let greeted: string[];
let runs: SharedRuns;
beforeEach(() => {
  clock = new FakeClock();
  store = new MemoryStore();
  greeted = [];
  runs = new SharedRuns({ store, clock, graceMs, greet: ({ runId }) => greeted.push(runId) });
});
afterEach(async () => {
  await runs[Symbol.asyncDispose]();
  expect(clock.sleeping).toBe(0);
});

async function lease(run: RunContact, renewal: number, state: RunLease["state"] = "running"): Promise<void> {
  await store.put(runLeaseKey(run.runId), Buffer.from(encodeRunLease({ v: 1, state, renewal })));
}

async function enter(run: RunContact): Promise<Visit> {
  const entered = await runs.enter(run);
  if (typeof entered === "string") throw new Error(`the run ${run.runId} is ${entered}`);
  return entered;
}

describe("a run that goes on", () => {
  it("is greeted once, however many chunks it sends", async () => {
    await lease(long, 0);
    for (let chunk = 0; chunk < 3; chunk += 1) (await enter(long))[Symbol.dispose]();
    expect(greeted).toEqual(["long"]);
  });

  it("has its lease read once for the chunks that come together, and again only after a while", async () => {
    await lease(long, 0);
    await Promise.all([enter(long), enter(long), enter(long)]);
    expect(store.reads).toHaveLength(1);
    await clock.advance(1_000);
    await enter(long);
    expect(store.reads).toHaveLength(1);
    await clock.advance(5_000);
    await enter(long);
    expect(store.reads).toHaveLength(2);
  });

  it("costs nothing while it has no chunk here", async () => {
    await lease(long, 0);
    (await enter(long))[Symbol.dispose]();
    await clock.advance(5_000);
    await clock.advance(5_000);
    expect(store.reads).toHaveLength(1);
  });

  it("goes on while the store cannot be reached, within the grace time", async () => {
    await lease(long, 0);
    const visit = await enter(long);
    store.unreachable = true;
    await clock.advance(5_000);
    expect(visit.signal.aborted).toBe(false);
  });
});

describe("a run that has ended", () => {
  it("has its chunks refused, after one look, and is not greeted", async () => {
    await lease(long, 3, "ended");
    expect(await runs.enter(long)).toBe("ended");
    await clock.advance(5_000);
    expect(await runs.enter(long)).toBe("ended");
    expect(store.reads).toHaveLength(1);
    expect(greeted).toEqual([]);
  });

  it("loses the chunks in hand, and no other run does", async () => {
    await lease(long, 0);
    await lease(short, 0);
    const [ending, other] = [await enter(long), await enter(short)];
    await lease(long, 0, "ended");
    await clock.advance(5_000);
    expect([ending.signal.aborted, ending.unwanted]).toEqual([true, "ended"]);
    expect([other.signal.aborted, other.unwanted]).toEqual([false, undefined]);
  });

  it("is one whose objects have been cleared away as well", async () => {
    expect(await runs.enter(long)).toBe("ended");
  });
});

describe("a run whose driver renews no more", () => {
  it("loses the chunks in hand after the grace time, and wins its place back when the driver comes back", async () => {
    await lease(long, 7);
    const visit = await enter(long);
    for (let passedMs = 0; passedMs < graceMs; passedMs += 5_000) {
      expect(visit.signal.aborted).toBe(false);
      await clock.advance(5_000);
    }
    expect(visit.unwanted).toBe("silent");
    expect(await runs.enter(long)).toBe("silent");
    visit[Symbol.dispose]();
    await lease(long, 8);
    await clock.advance(5_000);
    expect((await enter(long)).signal.aborted).toBe(false);
  });

  it("is told from one that was only quiet: its lease has changed meanwhile", async () => {
    await lease(long, 0);
    (await enter(long))[Symbol.dispose]();
    await clock.advance(2 * graceMs);
    await lease(long, 4);
    expect((await enter(long)).signal.aborted).toBe(false);
  });
});

describe("what a worker remembers", () => {
  it("is the runs it has worked for lately and that have not ended: they are told bye", async () => {
    await lease(long, 0);
    await lease(short, 0);
    (await enter(long))[Symbol.dispose]();
    const visit = await enter(short);
    expect(runs.current.map(({ runId }) => runId)).toEqual(["long", "short"]);
    await lease(short, 0, "ended");
    await clock.advance(5_000);
    visit[Symbol.dispose]();
    expect(runs.current).toMatchObject([long]);
  });

  it("does not grow: a run is forgotten a quarter of an hour after its last chunk, and greeted anew", async () => {
    await lease(long, 0);
    (await enter(long))[Symbol.dispose]();
    for (let minute = 0; minute <= 15; minute += 1) await clock.advance(60_000);
    expect(runs.current).toEqual([]);
    await lease(long, 1);
    await enter(long);
    expect(greeted).toEqual(["long", "long"]);
  });
});

describe("a run that another driver goes on with", () => {
  it("wants what the new driver sends, and nothing any more of what the old one has sent", async () => {
    const before = { runId: "run", notices: "http://127.0.0.1/cloudburst-run-notices" };
    const now = { runId: "run", notices: "http://127.0.0.1/cloudburst-run-2-notices" };
    const text = encodeRunLease({ v: 1, state: "running", renewal: 0, driver: 2, notices: "cloudburst-run-2-notices" });
    await lease(before, 5);
    using visit = await enter(before);
    await store.put(runLeaseKey("run"), Buffer.from(text));
    await clock.advance(5_000);
    expect(visit.unwanted).toBe("ended");
    (await enter(now))[Symbol.dispose]();
    expect(await runs.enter(before)).toBe("ended");
    expect(greeted).toEqual(["run", "run"]);
  });
});
