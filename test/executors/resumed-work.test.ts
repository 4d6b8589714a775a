/** What a dispatcher of a resumed run makes of what it finds: whatever that is, each call is told once, and none is made twice. */
import { describe, expect, it } from "vitest";
import type { Work } from "../../src/executors/chunk.ts";
import { createChunkWriter } from "../../src/executors/chunk-writer.ts";
import { Dispatcher } from "../../src/executors/dispatcher.ts";
import type { IndexRange, Step } from "../../src/executors/executor.ts";
import { FoundResults } from "../../src/executors/found-results.ts";
import type { Queue } from "../../src/queue/queue.ts";
import { CallIndices, type CallRanges, joinRanges } from "../../src/wire/call-ranges.ts";
import { type ChunkMessage, decodeChunkMessage } from "../../src/wire/chunk-message.ts";
import { hullOfPackKey, packKey } from "../../src/wire/keys.ts";
import type { StepResult } from "../../src/wire/notice.ts";
import { failedMark, notRunMark, readLines, readTrailer, writeFence, writePack } from "../../src/wire/pack.ts";
import { toWireFacts } from "../../src/wire/run-facts.ts";
import { encodeValue } from "../../src/wire/values.ts";
import { until } from "../embedded/until.ts";
import { FakeClock } from "../observe/fake-clock.ts";
import { plainFacts } from "../support/run-facts.ts";
import { MemoryStore } from "../worker/memory-store.ts";
import { readFirstColumn } from "./read-first-column.ts";

const runId = "run";
const slugs = ["f", "g", "h"] as const;
const n = 40;

const fails = (step: number, index: number): boolean => (index * 7 + step * 11) % 9 === 0;
const failedBefore = (step: number, index: number): boolean =>
  Array.from({ length: step }, (_, earlier) => earlier).some((earlier) => fails(earlier, index));

/** Of the results: with some they are read from the store, without they travel in messages. */
let pad = "";

/** What a call gives is the same whoever makes it. */
function lineOf(step: number, index: number): string {
  if (failedBefore(step, index)) return notRunMark;
  const what = `${String(slugs[step])} ${String(index)}${pad}`;
  return fails(step, index) ? failedMark + encodeValue(what, what) : encodeValue(what, what);
}

const indices = ({ start, end }: IndexRange): number[] => Array.from({ length: end - start }, (_, at) => start + at);
const indicesOf = (ranges: CallRanges): number[] => ranges.flatMap(indices);
const rangesOf = (calls: readonly number[]): CallRanges =>
  joinRanges(calls.map((index) => ({ start: index, end: index + 1 })));

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

function cut(range: IndexRange, longest: number, random: () => number): IndexRange[] {
  const parts: IndexRange[] = [];
  for (let start = range.start; start < range.end;) {
    const end = Math.min(range.end, start + 1 + Math.floor(random() * longest));
    parts.push({ start, end });
    start = end;
  }
  return parts;
}

/** The calls of a range in chunks, some of which have gaps. */
function deal(range: IndexRange, random: () => number): (readonly number[])[] {
  const hands: number[][] = [[], [], []];
  const dealt: number[][] = [];
  for (const part of cut(range, 5, random)) {
    const at = random() < 0.5 ? 0 : Math.floor(random() * hands.length);
    const hand = [...(hands[at] ?? []), ...indices(part)];
    if (hand.length > 6) dealt.push(hand);
    hands[at] = hand.length > 6 ? [] : hand;
  }
  return [...dealt, ...hands].filter(({ length }) => length > 0);
}

/** As drivers before have left it: chunks that came as far as they came, and chunks that were split, fences and all. */
async function leave(store: MemoryStore, range: IndexRange, random: () => number): Promise<void> {
  const commit = async (step: number, calls: readonly number[]): Promise<void> => {
    const ranges = rangesOf(calls);
    const { body } = writePack({ lines: calls.map((index) => lineOf(step, index)), shape: "calls", ranges });
    await store.putOnce(packKey(runId, slugs[step] ?? "", ranges), body);
  };
  const live = async (calls: readonly number[], firstStep: number): Promise<void> => {
    const until = firstStep + Math.floor(random() * (slugs.length + 1 - firstStep));
    for (let step = firstStep; step < until; step += 1) await commit(step, calls);
    if (until === slugs.length || calls.length === 1 || random() < 0.6) return;
    const half = Math.ceil(calls.length / 2);
    const ranges = rangesOf(calls);
    await store.putOnce(packKey(runId, slugs[until] ?? "", ranges), writeFence(calls[half] ?? 0, ranges));
    if (random() < 0.7) await live(calls.slice(0, half), until);
    if (random() < 0.7) await live(calls.slice(half), until);
  };
  for (const calls of deal(range, random)) await live(calls, 0);
}

/** Calls that have a result, by step. */
function known(store: MemoryStore): ReadonlySet<string> {
  const calls = new Set<string>();
  for (const [key, body] of store.objects) {
    const [, slug = ""] = /out\/(.)\//u.exec(key) ?? [];
    const trailer = readTrailer(body);
    const hull = hullOfPackKey(key);
    if (trailer === undefined || trailer.split !== undefined || hull === undefined) continue;
    const own = new CallIndices(trailer.ranges ?? [hull]);
    for (const [at, line] of readLines(body, trailer).entries()) {
      if (line !== notRunMark) calls.add(`${slug} ${String(own.at(at))}`);
    }
  }
  return calls;
}

interface Told {
  readonly step: number;
  readonly index: number;
  readonly line: string;
}

async function resume(store: MemoryStore, works: readonly IndexRange[]) {
  const told: Told[] = [];
  const made: string[] = [];
  const problems: unknown[] = [];
  const checkInputs = async (message: ChunkMessage): Promise<void> => {
    const [first] = Array.isArray(message.steps) ? message.steps : [];
    const before = slugs.findIndex((one) => one === first?.slug) - 1;
    if (before < 0) return;
    const taken = await readFirstColumn(message, store);
    const expected = indicesOf(message.ranges ?? []).map((index) => lineOf(before, index));
    if (JSON.stringify(taken) !== JSON.stringify(expected)) problems.push(["wrong inputs", message.chunk, taken]);
  };
  const work = async (message: ChunkMessage): Promise<void> => {
    const { ranges } = message;
    if (ranges === null || !Array.isArray(message.steps)) throw new Error("not a chunk of this test");
    await checkInputs(message);
    const results: StepResult[] = [];
    for (const { slug } of message.steps) {
      const step = slugs.findIndex((one) => one === slug);
      const lines = indicesOf(ranges).map((index) => lineOf(step, index));
      for (const index of indicesOf(ranges)) {
        if (lineOf(step, index) !== notRunMark) made.push(`${slug} ${String(index)}`);
      }
      const { body, index } = writePack({ lines, shape: "calls", ranges });
      const written = await store.putOnce(packKey(runId, slug, ranges), body);
      if (written === "exists") problems.push(`the place of ${slug} ${JSON.stringify(ranges)} is taken`);
      results.push({ index, lines });
    }
    const about = { v: 1, runId, worker: "w", requests: {}, busyMs: 1 } as const;
    await dispatcher.committed({ ...about, kind: "committed", chunk: message.chunk, results });
  };
  const queue: Queue = {
    url: "http://127.0.0.1/tasks",
    send: async (bodies) => {
      await Promise.resolve();
      for (const body of bodies) void work(decodeChunkMessage(body)).catch((error: unknown) => problems.push(error));
    },
    receive: () => Promise.resolve([]),
    ack: () => Promise.resolve(),
    extend: () => Promise.resolve([]),
    depth: () => Promise.resolve({ waiting: 0, inFlight: 0, delayed: 0 }),
  };
  const notices = "http://127.0.0.1/notices";
  const dispatcher = new Dispatcher({
    runId,
    tasks: queue,
    store,
    write: createChunkWriter({ runId, facts: toWireFacts(plainFacts), store, bundle: "0".repeat(64), notices }),
    slots: () => 2,
    clock: new FakeClock(),
    found: new FoundResults(store, runId),
    fail: (error) => problems.push(error),
  });
  let open = works.length;
  const steps = slugs.map(stepOf);
  for (const range of works) {
    dispatcher.add({
      steps,
      attempt: 0,
      range,
      remaining: range.end - range.start,
      settle: (step, settled, result) => {
        if ("kind" in result || settled === null) throw new Error("not told of a pack");
        const { pack, from } = result;
        for (const index of indices(settled)) {
          told.push({ step, index, line: pack.lines?.[from + index - settled.start] ?? "nothing" });
        }
      },
      done: () => (open -= 1),
      reject: (error) => problems.push(error),
    } satisfies Work);
  }
  await until("all work is done", () => open === 0 || problems.length > 0);
  return { told, made, problems, found: dispatcher.counts.foundCalls ?? 0 };
}

function stepOf(slug: string, position: number): Step {
  const inputs: Step["inputs"] = position === 0 ? [] : [{ kind: "each", column: { kind: "step", step: position - 1 } }];
  const task = { name: slug, run: () => undefined, definedIn: undefined };
  return { task, slug, order: 0, inputs, wantsLengths: false };
}

describe("what drivers before have left", () => {
  it("is told once and made by nobody again, however it was cut, split and cut off (300 cases)", async () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const random = seeded(seed);
      pad = seed % 3 === 0 ? " ".repeat(600) : "";
      const store = new MemoryStore();
      const all = { start: 0, end: n };
      await leave(store, all, random);
      if (random() < 0.3) await leave(store, all, random); // as a worker that finished late may do
      const before = known(store);
      const { told, made, problems, found } = await resume(store, cut(all, 25, random));
      const what = `case ${String(seed)}`;
      expect(problems, what).toEqual([]);
      const calls = told.map(({ step, index }) => step * n + index).sort((a, b) => a - b);
      expect(calls, what).toEqual(indices({ start: 0, end: slugs.length * n }));
      expect(
        told.filter(({ step, index, line }) => line !== lineOf(step, index)),
        what,
      ).toEqual([]);
      expect(new Set(made).size, what).toBe(made.length);
      expect(
        made.filter((call) => before.has(call)),
        what,
      ).toEqual([]);
      expect(found, what).toBeLessThanOrEqual(n);
    }
  }, 60_000);

  it("is not taken for results of calls that did not run there", async () => {
    const store = new MemoryStore();
    // Calls 3 to 5 of f have marks alone: in a chunk of one call, and in one of several.
    for (const range of [
      { start: 3, end: 4 },
      { start: 4, end: 6 },
    ]) {
      const lines = indices(range).map(() => notRunMark);
      await store.putOnce(packKey(runId, "f", [range]), writePack({ lines, shape: "calls" }).body);
    }
    const { problems, told } = await resume(store, [{ start: 0, end: 8 }]);
    expect(problems).toEqual([]);
    expect(told).toHaveLength(3 * 8);
  });
});
