/** Slots as the main thread sees them, with real threads that run the built worker file. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { toWireFacts } from "../../src/wire/run-facts.ts";
import { decodeValue, encodeValue } from "../../src/wire/values.ts";
import type { SlotWork } from "../../src/slots/call-slot.ts";
import { ProcessSlot } from "../../src/slots/process-slot.ts";
import { Slot } from "../../src/slots/slot.ts";
import { NoSlotError, SlotPool } from "../../src/slots/slot-pool.ts";
import { plainFacts } from "../support/run-facts.ts";
import { FakeClock } from "../observe/fake-clock.ts";

const file = new URL("../../dist/worker.mjs", import.meta.url);
const directory = mkdtempSync(join(tmpdir(), "cloudburst-slots-"));
afterAll(() => rmSync(directory, { recursive: true }));

const facts = { kind: "value", line: encodeValue(toWireFacts(plainFacts), "the facts") } as const;

/** A bundle whose tasks tell their thread, or never end. */
function work(bundle: string, task: "thread" | "endless"): SlotWork {
  const path = join(directory, `${bundle}.mjs`);
  writeFileSync(
    path,
    `import { threadId } from "node:worker_threads";
     const announce = globalThis[Symbol.for("cloudburst.onTask")];
     announce({ name: "thread", run: () => threadId });
     announce({ name: "endless", run: () => { for (;;); } });`,
  );
  const step = { task, slug: task, inputs: [], lengths: false };
  return {
    runId: "r",
    facts,
    bundle: { sha256: bundle, file: path },
    ranges: null,
    steps: [step],
    firstStep: 0,
    given: [],
  };
}

const never = new AbortController().signal;

describe("a slot", () => {
  let slot: Slot;
  beforeEach(() => {
    slot = new Slot({ file });
  });
  afterEach(async () => {
    await slot.close();
  });

  async function threadFor(bundle: string): Promise<unknown> {
    const reply = await slot.run(work(bundle, "thread"), never);
    if (reply.kind === "unusable") throw new Error(reply.line);
    return decodeValue(reply.results[0]?.lines?.[0] ?? "");
  }

  it("starts no thread for work that comes when it has been closed", async () => {
    await slot.close();
    await expect(slot.run(work("late", "thread"), never)).rejects.toThrow("the slot was closed");
    const processSlot = new ProcessSlot(file);
    await processSlot.close();
    await expect(processSlot.run(work("late", "thread"), never)).rejects.toThrow("the slot was closed");
  });

  it("runs the code of several flows in one thread", async () => {
    expect(await threadFor("a")).toBe(await threadFor("b"));
  });

  it("takes a new thread when it has loaded eight flows, since modules cannot be unloaded", async () => {
    const bundles = Array.from({ length: 9 }, (_, index) => `flow-${String(index)}`);
    const threads: unknown[] = [];
    for (const bundle of [...bundles, "flow-8"]) threads.push(await threadFor(bundle));
    expect(new Set(threads.slice(0, 8)).size).toBe(1);
    expect(threads[8]).not.toBe(threads[7]);
    expect(threads[9]).toBe(threads[8]);
  });

  it("ends a call that nobody wants any more, and is free for the next", async () => {
    const leaving = new AbortController();
    const running = slot.run(work("a", "endless"), leaving.signal);
    leaving.abort(new Error("not wanted"));
    await expect(running).rejects.toThrow("not wanted");
    expect(await threadFor("a")).toEqual(expect.any(Number));
  });
});

describe("a pool of slots", () => {
  it("gives a chunk back that waits for longer than it should, or that is not wanted any more", async () => {
    const clock = new FakeClock();
    const pool = new SlotPool([new Slot({ file })], { clock, patienceMs: 2_000 });
    const busy = pool.run(work("a", "endless"), never).catch((error: unknown) => error);
    const leaving = new AbortController();
    const unwanted = expect(pool.run(work("a", "thread"), leaving.signal)).rejects.toThrow("not wanted");
    const waiting = expect(pool.run(work("a", "thread"), never)).rejects.toBeInstanceOf(NoSlotError);
    leaving.abort(new Error("not wanted"));
    await unwanted;
    await clock.advance(2_000);
    await waiting;
    expect(clock.sleeping).toBe(0);
    await pool.close();
    expect(await busy).toBeInstanceOf(Error);
  });

  it("serves who waits in the order of asking", async () => {
    const pool = new SlotPool([new Slot({ file })], { clock: systemClock, patienceMs: 20_000 });
    const ended: number[] = [];
    await Promise.all([0, 1, 2].map((chunk) => pool.run(work("a", "thread"), never).then(() => ended.push(chunk))));
    expect(ended).toEqual([0, 1, 2]);
    await pool.close();
  });
});
