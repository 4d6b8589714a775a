/** The dispatcher against the embedded cloud's queue and store, with the test as its worker: anew for each test. */
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { CreateQueueCommand } from "@aws-sdk/client-sqs";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { openS3Client, openSqsClient } from "../../src/aws/clients.ts";
import { createRequestCounter } from "../../src/aws/request-counter.ts";
import type { EmbeddedCloud } from "../../src/embedded/cloud.ts";
import { startEmbeddedCloud } from "../../src/embedded/start-cloud.ts";
import type { Work } from "../../src/executors/chunk.ts";
import { createChunkWriter } from "../../src/executors/chunk-writer.ts";
import { Dispatcher } from "../../src/executors/dispatcher.ts";
import type { Failure, IndexRange, Step } from "../../src/executors/executor.ts";
import { type KnownPack } from "../../src/executors/pack-results.ts";
import { handleSuspect } from "../../src/executors/suspects.ts";
import type { Queue } from "../../src/queue/queue.ts";
import { createSqsQueue } from "../../src/queue/sqs-queue.ts";
import { createS3Store } from "../../src/store/s3-store.ts";
import type { Store } from "../../src/store/store.ts";
import { type ChunkMessage, decodeChunkMessage } from "../../src/wire/chunk-message.ts";
import { countCalls } from "../../src/wire/call-ranges.ts";
import { packKey } from "../../src/wire/keys.ts";
import type { Notice } from "../../src/wire/notice.ts";
import { writePack } from "../../src/wire/pack.ts";
import { toWireFacts } from "../../src/wire/run-facts.ts";
import { plainFacts } from "../support/run-facts.ts";
import { FakeClock } from "../observe/fake-clock.ts";

type Committed = Extract<Notice, { readonly kind: "committed" }>;

let cloud: EmbeddedCloud;
export let store: Store;
let sqs: ReturnType<typeof openSqsClient>;
let queues = 0;

export let runId: string;
export let tasks: Queue;
export let clock: FakeClock;
export let dispatcher: Dispatcher;
const failures: unknown[] = [];

/** To be called by each file that uses what is here: files may share the module. */
export function openLab(): void {
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
}

export const step = (slug: string, inputs: Step["inputs"]): Step => ({
  task: { name: slug, run: () => undefined, definedIn: undefined },
  slug,
  order: 0,
  inputs,
  wantsLengths: false,
});

export interface Settlement {
  readonly step: number;
  readonly range: IndexRange | null;
  readonly result: KnownPack | Failure;
  readonly from?: number;
}

export interface Tracked {
  readonly work: Work;
  readonly settled: Settlement[];
  isDone: boolean;
}

/** A map of `width` calls over numbers, through the steps of these slugs. */
export function mapOf(width: number, slugs: readonly string[] = ["inc"], values: readonly unknown[] = []): Tracked {
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
export async function take(count: number): Promise<ChunkMessage[]> {
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
export function scattered(ranges: readonly IndexRange[], slugs?: readonly string[]): Tracked[] {
  const { steps } = mapOf(ranges.at(-1)?.end ?? 0, slugs).work;
  return ranges.map((range) => {
    const tracked = mapOf(range.end - range.start, slugs);
    return Object.assign(tracked, { work: { ...tracked.work, steps, range } });
  });
}

export const widthOf = (chunk: ChunkMessage): number => countCalls(chunk.ranges);

/** Commits ones as the results of all steps, and returns the notice that tells so. */
export async function commit(chunk: ChunkMessage, busyMs = 1): Promise<Committed> {
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

/** So many calls that were measured that chunks may be large from now on. */
export async function warmUp(slugs: readonly string[] = ["inc"]): Promise<void> {
  dispatcher.add(mapOf(4, slugs).work);
  for (const chunk of await take(4)) await dispatcher.committed(await commit(chunk, 1));
}

/** A worker says that the chunk has been delivered so often. */
export async function suspect(id: string, deliveries: number): Promise<void> {
  const chunk = dispatcher.find(id);
  if (chunk === undefined) throw new Error(`chunk ${id} is not outstanding`);
  await handleSuspect(chunk, deliveries, { runId, store, dispatcher, lastLoss: () => "exit code 137" });
}
