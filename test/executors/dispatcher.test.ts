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
import { packKey } from "../../src/wire/keys.ts";
import type { Notice } from "../../src/wire/notice.ts";
import { readTrailer, writePack } from "../../src/wire/pack.ts";
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
      settle: (position, range, result) => settled.push({ step: position, range, result }),
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

const widthOf = (chunk: ChunkMessage): number => (chunk.range === null ? 1 : chunk.range.end - chunk.range.start);

/** Commits ones as the results of all steps, and returns the notice that tells so. */
async function commit(chunk: ChunkMessage, busyMs = 1): Promise<Committed> {
  const steps = Array.isArray(chunk.steps) ? chunk.steps : [];
  const lines = Array.from({ length: widthOf(chunk) }, () => "[1]");
  const { body, index } = writePack({ lines, shape: "calls" });
  const results: Committed["results"] = [];
  for (const { slug } of steps) {
    const written = await store.putOnce(packKey(runId, slug, chunk.range ?? undefined), body);
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
    expect(settled.map(({ range }) => range)).toEqual([one.range, two.range]);
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
    if (!chunk?.range) throw new Error("a chunk was sent");
    await store.put(packKey(runId, "inc", chunk.range), writePack({ lines: ["[42]"], shape: "calls" }).body);
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
  const suspect = async (id: string, deliveries: number): Promise<void> => {
    const chunk = dispatcher.find(id);
    if (chunk === undefined) throw new Error(`chunk ${id} is not outstanding`);
    await handleSuspect(chunk, deliveries, { runId, store, dispatcher, lastLoss: () => "exit code 137" });
  };

  /** A chunk of several calls: the fifth that is sent, when the first four were quick. */
  async function chunkOfMany(tracked: Tracked): Promise<ChunkMessage & { range: IndexRange }> {
    dispatcher.add(tracked.work);
    for (const chunk of await take(4)) await dispatcher.committed(await commit(chunk, 100));
    const large = (await take(4)).find((chunk) => widthOf(chunk) > 1);
    if (!large?.range) throw new Error("a larger chunk was sent");
    return { ...large, range: large.range };
  }

  it("is split, and a late commit of the whole loses against the fence", async () => {
    const whole = await chunkOfMany(mapOf(100));
    await suspect(whole.chunk, 3);
    const [left, right] = await take(2);
    expect([left?.range?.start, right?.range?.end]).toEqual([whole.range.start, whole.range.end]);
    expect(left?.range?.end).toBe(right?.range?.start);
    const late = await commit(whole);
    expect(late.results).toEqual([{}]);
    await dispatcher.committed(late);
    const fence = await store.get(packKey(runId, "inc", whole.range));
    expect(fence && readTrailer(fence)?.split).toBe(left?.range?.end);
  });

  it("fails when it is a single call, with the reason that the cloud gave", async () => {
    const { work, settled } = mapOf(1);
    dispatcher.add(work);
    const [single] = await take(1);
    await suspect(single?.chunk ?? "", 3);
    expect(settled[0]?.result).toMatchObject({ kind: "failed", error: { code: "worker_lost" } });
    expect(settled[0]?.result).toHaveProperty("error.message", expect.stringContaining("exit code 137"));
    const pack = await store.get(packKey(runId, "inc", { start: 0, end: 1 }));
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
    if (!both?.range || !Array.isArray(both.steps)) throw new Error("a chunk of two steps was sent");
    await store.put(packKey(runId, "inc", both.range), writePack({ lines: ["[7]"], shape: "calls" }).body);
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
  expect([...failuresOf(pack, 10)].map(([at, { error }]) => [at, error.message])).toEqual([[11, "no"]]);
});
