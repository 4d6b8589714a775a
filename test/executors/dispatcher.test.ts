/** The dispatcher against the embedded cloud's queue and store, with the test as its worker. */
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { CreateQueueCommand } from "@aws-sdk/client-sqs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openS3Client, openSqsClient } from "../../src/aws/clients.ts";
import { createRequestCounter } from "../../src/aws/request-counter.ts";
import type { EmbeddedCloud } from "../../src/embedded/cloud.ts";
import { startEmbeddedCloud } from "../../src/embedded/start-cloud.ts";
import type { Work } from "../../src/executors/chunk.ts";
import { createChunkWriter } from "../../src/executors/chunk-writer.ts";
import { Dispatcher } from "../../src/executors/dispatcher.ts";
import type { Failure, IndexRange, Step } from "../../src/executors/executor.ts";
import { failuresOf, type KnownPack } from "../../src/executors/pack-results.ts";
import { reconcile } from "../../src/executors/reconcile.ts";
import { handleSuspect } from "../../src/executors/suspects.ts";
import type { Queue } from "../../src/queue/queue.ts";
import { createSqsQueue } from "../../src/queue/sqs-queue.ts";
import { createS3Store } from "../../src/store/s3-store.ts";
import type { Store } from "../../src/store/store.ts";
import { type ChunkMessage, decodeChunkMessage } from "../../src/wire/chunk-message.ts";
import { type CallRanges, countCalls } from "../../src/wire/call-ranges.ts";
import { packKey } from "../../src/wire/keys.ts";
import type { Notice } from "../../src/wire/notice.ts";
import { readTrailer, splitLines, writePack } from "../../src/wire/pack.ts";
import { interleaved, picked } from "../../src/wire/picks.ts";
import { toWireFacts } from "../../src/wire/run-facts.ts";
import { plainFacts } from "../support/run-facts.ts";
import { FakeClock } from "../observe/fake-clock.ts";

type Committed = Extract<Notice, { readonly kind: "committed" }>;

let cloud: EmbeddedCloud;
let store: Store;
let sqs: ReturnType<typeof openSqsClient>;
let queues = 0;

beforeAll(async () => {
  cloud = await startEmbeddedCloud();
  const counter = createRequestCounter();
  sqs = openSqsClient(cloud, counter);
  const s3 = openS3Client(cloud, counter);
  await s3.send(new CreateBucketCommand({ Bucket: "bucket" }));
  store = createS3Store(s3, "bucket");
});
afterAll(async () => {
  sqs.destroy();
  await cloud[Symbol.asyncDispose]();
});

let runId: string;
let tasks: Queue;
let clock: FakeClock;
let dispatcher: Dispatcher;
const failures: unknown[] = [];

beforeEach(async () => {
  runId = `run${String(++queues)}`;
  const created = await sqs.send(new CreateQueueCommand({ QueueName: runId }));
  tasks = createSqsQueue(sqs, created.QueueUrl ?? "", { waitSeconds: 1 });
  clock = new FakeClock();
  const notices = "http://127.0.0.1/notices";
  dispatcher = new Dispatcher({
    runId,
    tasks,
    store,
    write: createChunkWriter({ runId, facts: toWireFacts(plainFacts), store, bundle: "0".repeat(64), notices }),
    slots: () => 2,
    clock,
    fail: (error) => failures.push(error),
  });
});
afterEach(() => expect(failures).toEqual([]));

const step = (slug: string, inputs: Step["inputs"]): Step => ({
  task: { name: slug, run: () => undefined, definedIn: undefined },
  slug,
  order: 0,
  inputs,
  wantsLengths: false,
});

interface Settlement {
  readonly step: number;
  readonly range: IndexRange | null;
  readonly result: KnownPack | Failure;
  readonly from?: number;
}

interface Tracked {
  readonly work: Work;
  readonly settled: Settlement[];
  isDone: boolean;
}

/** A map of `width` calls over numbers, through the steps of these slugs. */
function mapOf(width: number, slugs: readonly string[] = ["inc"], values: readonly unknown[] = []): Tracked {
  const column = { kind: "values", values: Array.from({ length: width }, (_, i) => values[i] ?? i) } as const;
  const settled: Settlement[] = [];
  const tracked: Tracked = {
    settled,
    isDone: false,
    work: {
      steps: slugs.map((slug, at) =>
        step(slug, [{ kind: "each", column: at === 0 ? column : { kind: "step", step: at - 1 } }]),
      ),
      attempt: 0,
      range: { start: 0, end: width },
      next: 0,
      remaining: width,
      settle: (position, range, result) => {
        if ("kind" in result) settled.push({ step: position, range, result });
        else settled.push({ step: position, range, result: result.pack, from: result.from });
      },
      done: () => (tracked.isDone = true),
      reject: (error) => failures.push(error),
    },
  };
  return tracked;
}

/** Takes what is in the queue, as a worker does. */
async function take(count: number): Promise<ChunkMessage[]> {
  const chunks: ChunkMessage[] = [];
  while (chunks.length < count) {
    const messages = await tasks.receive(Math.min(10, count - chunks.length));
    expect(messages.length, "messages in the queue").toBeGreaterThan(0);
    await tasks.ack(messages.map(({ receipt }) => receipt));
    chunks.push(...messages.map(({ body }) => decodeChunkMessage(body)));
  }
  return chunks;
}

/** Works of the same map that became ready here and there. */
function scattered(ranges: readonly IndexRange[], slugs?: readonly string[]): Tracked[] {
  const { steps } = mapOf(ranges.at(-1)?.end ?? 0, slugs).work;
  return ranges.map((range) => {
    const tracked = mapOf(range.end - range.start, slugs);
    return Object.assign(tracked, { work: { ...tracked.work, steps, range, next: range.start } });
  });
}

const widthOf = (chunk: ChunkMessage): number => countCalls(chunk.ranges);

/** Commits ones as the results of all steps, and returns the notice that tells so. */
async function commit(chunk: ChunkMessage, busyMs = 1): Promise<Committed> {
  const steps = Array.isArray(chunk.steps) ? chunk.steps : [];
  const lines = Array.from({ length: widthOf(chunk) }, () => "[1]");
  const { body, index } = writePack({ lines, shape: "calls", ranges: chunk.ranges });
  const results: Committed["results"] = [];
  for (const { slug } of steps) {
    const written = await store.putOnce(packKey(runId, slug, chunk.ranges), body);
    results.push(written === "written" ? { index, lines } : {});
  }
  return { v: 1, runId, worker: "w", kind: "committed", chunk: chunk.chunk, results, busyMs, requests: {} };
}

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

/** So many calls that were measured that chunks may be large from now on. */
async function warmUp(slugs: readonly string[] = ["inc"]): Promise<void> {
  dispatcher.add(mapOf(4, slugs).work);
  for (const chunk of await take(4)) await dispatcher.committed(await commit(chunk, 1));
}

describe("calls that became ready here and there", () => {
  const holes = [
    { start: 10, end: 13 },
    { start: 14, end: 15 },
    { start: 16, end: 19 },
  ];

  it("travel in one chunk, in the order of their calls, and are settled for those who wait for them", async () => {
    await warmUp();
    const works = scattered(holes);
    for (const { work } of [...works].reverse()) dispatcher.add(work);
    const [chunk] = await take(1);
    if (chunk === undefined || !Array.isArray(chunk.steps)) throw new Error("a chunk was sent");
    expect(chunk.ranges).toEqual(holes);
    expect(chunk.steps[0]?.inputs).toEqual([
      {
        kind: "each",
        column: { kind: "items", parts: [{ lines: [10, 11, 12, 14, 16, 17, 18].map((x) => `[${String(x)}]`) }] },
      },
    ]);
    const notice = await commit(chunk);
    await dispatcher.committed(notice);
    await dispatcher.committed(notice);
    expect(works.flatMap(({ settled }) => settled.map(({ range, from }) => [range, from]))).toEqual(
      holes.map((range, at) => [range, [0, 3, 4][at]]),
    );
    expect(works.map(({ isDone }) => isDone)).toEqual([true, true, true]);
    expect(dispatcher.counts.duplicates).toBe(1);
    const pack = await store.get(packKey(runId, "inc", holes));
    expect(pack && readTrailer(pack)?.ranges).toEqual(holes);
  });

  it("are found in the store when the notice of their chunk got lost", async () => {
    await warmUp();
    const works = scattered(holes);
    for (const { work } of works) dispatcher.add(work);
    const [message] = await take(1);
    const chunk = dispatcher.find(message?.chunk ?? "");
    if (message === undefined || chunk === undefined) throw new Error("a chunk was sent");
    expect(await dispatcher.settleFromStore(chunk)).toBe(false);
    await commit(message);
    expect(await dispatcher.settleFromStore(chunk)).toBe(true);
    expect(works.map(({ isDone }) => isDone)).toEqual([true, true, true]);
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
  const suspect = async (id: string, deliveries: number): Promise<void> => {
    const chunk = dispatcher.find(id);
    if (chunk === undefined) throw new Error(`chunk ${id} is not outstanding`);
    await handleSuspect(chunk, deliveries, { runId, store, dispatcher, lastLoss: () => "exit code 137" });
  };

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

  it("is split between its calls where it has gaps, and goes on from what is committed of them", async () => {
    const holes = [
      { start: 10, end: 13 },
      { start: 14, end: 15 },
      { start: 16, end: 19 },
    ];
    await warmUp(["inc", "dec"]);
    const works = scattered(holes, ["inc", "dec"]);
    for (const { work } of works) dispatcher.add(work);
    const [whole] = await take(1);
    if (!whole?.ranges) throw new Error("a chunk was sent");
    const lines = [10, 11, 12, 14, 16, 17, 18].map((x) => `["${"x".repeat(1_000)}",${String(x)}]`);
    await store.put(packKey(runId, "inc", holes), writePack({ lines, shape: "calls", ranges: holes }).body);
    await suspect(whole.chunk, 3);
    const halves = await take(2);
    expect(halves.map(({ ranges }) => ranges)).toEqual([
      [
        { start: 10, end: 13 },
        { start: 14, end: 15 },
      ],
      [{ start: 16, end: 19 }],
    ]);
    const fence = await store.get(packKey(runId, "dec", holes));
    expect(fence && readTrailer(fence)).toMatchObject({ split: 16, ranges: holes, count: 0 });
    expect(await readFirstColumn(halves[0])).toEqual(lines.slice(0, 4));
    expect(await readFirstColumn(halves[1])).toEqual(lines.slice(4));
    await suspect(halves[1]?.chunk ?? "", 3);
    const quarters = await take(2);
    expect(quarters.map(({ ranges }) => ranges)).toEqual([[{ start: 16, end: 18 }], [{ start: 18, end: 19 }]]);
    expect(await readFirstColumn(quarters[1])).toEqual(lines.slice(6));
    for (const part of [halves[0], ...quarters]) if (part) await dispatcher.committed(await commit(part));
    expect(works.map(({ isDone }) => isDone)).toEqual([true, true, true]);
    expect(works.map(({ settled }) => settled.map(({ step: position, range }) => [position, range]))).toEqual([
      [
        [0, holes[0]],
        [1, holes[0]],
      ],
      [
        [0, holes[1]],
        [1, holes[1]],
      ],
      [
        [0, holes[2]],
        [1, { start: 16, end: 18 }],
        [1, { start: 18, end: 19 }],
      ],
    ]);
  });

  /** The lines that the chunk's first step takes from the store. */
  async function readFirstColumn(chunk: ChunkMessage | undefined): Promise<readonly string[]> {
    const [input] = (Array.isArray(chunk?.steps) ? chunk.steps : [])[0]?.inputs ?? [];
    if (input?.kind !== "each" || input.column.kind !== "items") throw new Error("a column was sent");
    const lists = input.column.parts.map(async (part) => {
      if ("lines" in part) return part.lines;
      return picked(
        splitLines((await store.get(part.key, { start: part.from, end: part.to })) ?? new Uint8Array()),
        part.picks,
      );
    });
    return interleaved(await Promise.all(lists), input.column.order);
  }

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
