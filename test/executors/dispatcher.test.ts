/** The dispatcher: windows, notices, the store, lost workers. */
import { describe, expect, it } from "vitest";
import type { IndexRange } from "../../src/executors/executor.ts";
import { failuresOf, type KnownPack } from "../../src/executors/pack-results.ts";
import { reconcile } from "../../src/executors/reconcile.ts";
import { type ChunkMessage } from "../../src/wire/chunk-message.ts";
import { type CallRanges } from "../../src/wire/call-ranges.ts";
import { packKey } from "../../src/wire/keys.ts";
import { readTrailer, writePack } from "../../src/wire/pack.ts";
import {
  clock,
  commit,
  dispatcher,
  mapOf,
  runId,
  step,
  store,
  suspect,
  take,
  tasks,
  widthOf,
  type Tracked,
  openLab,
} from "./dispatcher-lab.ts";

openLab();

describe("the dispatcher", () => {
  it("starts with single calls in a bounded window, and sizes chunks by what it measures", async () => {
    const { work } = mapOf(1_000);
    dispatcher.add(work);
    const first = await take(4);
    expect(first.map(widthOf)).toEqual([1, 1, 1, 1]);
    expect((await tasks.depth()).waiting).toBe(0);
    for (const chunk of first.slice(0, 2)) await dispatcher.committed(await commit(chunk, 10));
    const next = await take(2);
    // A quarter of each of two slots' share of the 996 calls that waited.
    expect(next.map(widthOf)).toEqual([124, 109]);
  });

  it("settles each call once, whatever is told again", async () => {
    const { work, settled } = mapOf(2);
    dispatcher.add(work);
    const [one, two] = await take(2);
    if (one === undefined || two === undefined) throw new Error("two chunks were sent");
    const notice = await commit(one);
    await dispatcher.committed(notice);
    await dispatcher.committed(notice);
    await dispatcher.committed(await commit(two));
    expect(settled.map(({ range }) => [range])).toEqual([one.ranges, two.ranges]);
    expect(dispatcher.counts.duplicates).toBe(1);
  });

  it("tells when the last call of a work has ended", async () => {
    const tracked = mapOf(2);
    dispatcher.add(tracked.work);
    const [one, two] = await take(2);
    if (one === undefined || two === undefined) throw new Error("two chunks were sent");
    await dispatcher.committed(await commit(two));
    expect(tracked.isDone).toBe(false);
    await dispatcher.committed(await commit(one));
    expect(tracked.isDone).toBe(true);
  });

  it("takes the result from the store when the notice says that another delivery had committed it", async () => {
    const { work, settled } = mapOf(1);
    dispatcher.add(work);
    const [chunk] = await take(1);
    if (!chunk?.ranges) throw new Error("a chunk was sent");
    await store.put(packKey(runId, "inc", chunk.ranges), writePack({ lines: ["[42]"], shape: "calls" }).body);
    await dispatcher.committed(await commit(chunk));
    expect(settled[0]?.result).toMatchObject({ lines: ["[42]"] });
    expect(dispatcher.counts.duplicates).toBe(1);
  });

  it("fails all calls alike when an argument that they share cannot travel, and goes on", async () => {
    const bad = mapOf(3);
    const shared = step("bad", [{ kind: "value", value: () => 1 }]);
    dispatcher.add({ ...bad.work, steps: [shared] });
    const good = mapOf(1, ["good"]);
    dispatcher.add(good.work);
    const [chunk] = await take(1);
    expect(chunk?.chunk).toContain("good");
    expect(bad.settled.map(({ result }) => "kind" in result && result.kind)).toEqual(["failed", "failed", "failed"]);
  });

  it("puts the steps of a chunk into the store when they make its message too large to bill once", async () => {
    const { work } = mapOf(4, ["inc"], ["x".repeat(60_000)]);
    dispatcher.add({
      ...work,
      steps: [step("inc", [{ kind: "list", items: work.steps.flatMap(({ inputs }) => inputs) }])],
    });
    const [chunk] = await take(1);
    expect(JSON.stringify(chunk).length).toBeLessThan(48 * 1024);
  });
});

describe("a chunk of which nothing is heard", () => {
  it("is settled from the store when it was committed and its notice got lost", async () => {
    const { work, settled } = mapOf(1);
    dispatcher.add(work);
    const [chunk] = await take(1);
    if (chunk === undefined) throw new Error("a chunk was sent");
    await commit(chunk);
    await silence();
    await expect.poll(() => settled.length).toBe(1);
  });

  it("is sent again when it is nowhere", async () => {
    dispatcher.add(mapOf(1).work);
    const [lost] = await take(1);
    await silence();
    const [again] = await take(1);
    expect(again?.chunk).toBe(lost?.chunk);
  });

  /** Lets the reconciling loop take one turn. */
  async function silence(): Promise<void> {
    const stop = new AbortController();
    const loop = reconcile({ dispatcher, tasks, leaseMs: 1_000, clock }, stop.signal);
    await expect.poll(() => clock.sleeping).toBe(1);
    await clock.advance(3_000);
    await expect.poll(() => clock.sleeping).toBe(1); // it waits for the next turn
    stop.abort();
    await loop;
  }
});

describe("a chunk whose workers die (I8)", () => {
  /** A chunk of several calls: the fifth that is sent, when the first four were quick. */
  async function chunkOfMany(tracked: Tracked): Promise<ChunkMessage & { ranges: CallRanges }> {
    dispatcher.add(tracked.work);
    for (const chunk of await take(4)) await dispatcher.committed(await commit(chunk, 100));
    const large = (await take(4)).find((chunk) => widthOf(chunk) > 1);
    if (!large?.ranges) throw new Error("a larger chunk was sent");
    return { ...large, ranges: large.ranges };
  }

  it("is split, and a late commit of the whole loses against the fence", async () => {
    const whole = await chunkOfMany(mapOf(100));
    await suspect(whole.chunk, 3);
    const [left, right] = await take(2);
    const [first, second] = [left?.ranges?.[0], right?.ranges?.[0]];
    expect([{ start: first?.start, end: second?.end }]).toEqual(whole.ranges);
    expect(first?.end).toBe(second?.start);
    const late = await commit(whole);
    expect(late.results).toEqual([{}]);
    await dispatcher.committed(late);
    const fence = await store.get(packKey(runId, "inc", whole.ranges));
    expect(fence && readTrailer(fence)?.split).toBe(first?.end);
  });

  it("fails when it is a single call, with the reason that the cloud gave", async () => {
    const { work, settled } = mapOf(1);
    dispatcher.add(work);
    const [single] = await take(1);
    await suspect(single?.chunk ?? "", 3);
    expect(settled[0]?.result).toMatchObject({ kind: "failed", error: { code: "worker_lost" } });
    expect(settled[0]?.result).toHaveProperty("error.message", expect.stringContaining("exit code 137"));
    const pack = await store.get(packKey(runId, "inc", [{ start: 0, end: 1 }]));
    expect(Buffer.from(pack ?? []).toString()).toContain("WorkerLostError");
  });

  it("is only sent again when it was given back on purpose: that is no fault of its own (I9)", async () => {
    dispatcher.add(mapOf(1).work);
    const [single] = await take(1);
    const chunk = dispatcher.find(single?.chunk ?? "");
    if (chunk === undefined) throw new Error("the chunk is outstanding");
    chunk.releases = 2;
    await suspect(chunk.id, 3);
    expect((await take(1)).map(({ chunk: id }) => id)).toEqual([single?.chunk]);
  });

  it("is the result when a worker had committed it before it died", async () => {
    const { work, settled } = mapOf(1);
    dispatcher.add(work);
    const [single] = await take(1);
    if (single === undefined) throw new Error("a chunk was sent");
    await commit(single);
    await suspect(single.chunk, 3);
    expect(settled[0]?.result).toMatchObject({ lines: ["[1]"] });
  });

  it("goes on after the last committed step when it has several", async () => {
    const tracked = mapOf(1, ["inc", "dec"]);
    dispatcher.add(tracked.work);
    const [both] = await take(1);
    if (!both?.ranges || !Array.isArray(both.steps)) throw new Error("a chunk of two steps was sent");
    await store.put(packKey(runId, "inc", both.ranges), writePack({ lines: ["[7]"], shape: "calls" }).body);
    await suspect(both.chunk, 3);
    expect(tracked.settled.map(({ step: position }) => position)).toEqual([0, 1]);
    const last = tracked.settled[1]?.result;
    expect(last && "kind" in last ? last.error.message : "").toContain("dec[0]");
    expect(tracked.isDone).toBe(true);
  });
});

it("failures in a pack are told by call index", () => {
  const lines = ["[1]", `![["Error",1],{"name":2,"message":3,"hasCause":4,"own":5},"Error","no",false,{}]`, "~"];
  const { index } = writePack({ lines, shape: "calls" });
  const pack: KnownPack = { key: "k", index, lines, lengths: undefined, failures: undefined };
  const told = (known: KnownPack, from: number, range: IndexRange): unknown =>
    [...failuresOf({ pack: known, from }, range)].map(([at, { error }]) => [at, error.message]);
  const few: KnownPack = { ...pack, lines: undefined, failures: lines.map((line, at) => [at, line] as const).slice(1) };
  for (const known of [pack, few]) {
    expect(told(known, 0, { start: 10, end: 13 })).toEqual([[11, "no"]]);
    expect(told(known, 1, { start: 20, end: 22 })).toEqual([[20, "no"]]);
    expect(told(known, 2, { start: 20, end: 21 })).toEqual([]);
    expect(told(known, 0, { start: 20, end: 21 })).toEqual([]);
  }
});
