/** What becomes of a chunk whose thread dies in the middle of it: real threads that run the built worker file. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { LogLine } from "../../src/base/log-line.ts";
import type { SlotWork } from "../../src/slots/call-slot.ts";
import { Slot } from "../../src/slots/slot.ts";
import type { SlotReply, SlotStep } from "../../src/slots/slot-protocol.ts";
import { notRunMark, readLines } from "../../src/wire/pack.ts";
import { toWireFacts } from "../../src/wire/run-facts.ts";
import { decodeValue, encodeValue } from "../../src/wire/values.ts";
import { plainFacts } from "../support/run-facts.ts";

const file = new URL("../../dist/worker.mjs", import.meta.url);
const directory = mkdtempSync(join(tmpdir(), "cloudburst-lost-"));
const journal = join(directory, "runs");
afterAll(() => rmSync(directory, { recursive: true }));

const bundle = { sha256: "a", file: join(directory, "bundle.mjs") };
writeFileSync(
  bundle.file,
  `import { appendFileSync } from "node:fs";
   const noted = (name, run) => (x) => { appendFileSync(${JSON.stringify(journal)}, name + x + " "); return run(x); };
   const task = (name, run) => globalThis[Symbol.for("cloudburst.onTask")]({ name, run: noted(name, run) });
   task("same", (x) => x);
   task("exit", (x) => { if (x % 10 === 4) process.exit(3); return x; });
   task("spin", (x) => { while (x === 4); return x; });
   task("wait", (x) => x === 4 ? new Promise(() => {}) : x);
   task("hoard", (x) => { const held = []; while (x === 4) held.push(new Array(100_000).fill(x)); return x; });
   task("throw-later", (x) => { if (x === 4) { setImmediate(() => { throw new Error("left behind"); }); return new Promise(() => {}); } return x; });
   task("large", (x) => String(x).repeat(60_000));
   task("large-exit", (x) => { if (x.startsWith("8")) process.exit(3); return x.length; });
   task("mine-behind", (x) => { setTimeout(() => { throw new Error("left behind"); }, 1); return x; });`,
);
const broken = { sha256: "b", file: join(directory, "broken.mjs") };
writeFileSync(broken.file, `process.exit(7);`);

const facts = { kind: "value", line: encodeValue(toWireFacts(plainFacts), "the facts") } as const;
const never = new AbortController().signal;

/** Ten calls through these tasks. */
function work(tasks: readonly string[], more: Partial<SlotStep> = {}, ofBundle = bundle): SlotWork {
  const lines = Array.from({ length: 10 }, (_, i) => `[${String(i)}]`);
  const steps = tasks.map((task, at): SlotStep => {
    const column =
      at === 0 ? ({ kind: "items", parts: [{ lines }] } as const) : ({ kind: "step", step: at - 1 } as const);
    return { task, slug: task, inputs: [{ kind: "each", column }], lengths: false, ...more };
  });
  return { runId: "r", facts, bundle: ofBundle, ranges: [{ start: 0, end: 10 }], steps, firstStep: 0, given: [] };
}

const slots: Slot[] = [];
afterEach(async () => {
  await Promise.all(slots.splice(0).map((slot) => slot.close()));
  rmSync(journal, { force: true });
});

function newSlot(options: { readonly maxHeapMiB?: number } = {}): Slot {
  const slot = new Slot({ file, ...options });
  slots.push(slot);
  return slot;
}

/** What the calls of each step gave: a value, an error's code, or nothing. */
function outcomes(reply: SlotReply): unknown[][] {
  if (reply.kind === "unusable") throw decodeValue(reply.line);
  return reply.results.map(({ body, index }) =>
    readLines(body, index).map((line): unknown => {
      if (line === notRunMark) return "not run";
      return line.startsWith("!") ? Reflect.get(decodeValue(line.slice(1)) as Error, "code") : decodeValue(line);
    }),
  );
}

const runs = (): string[] => readFileSync(journal, "utf8").trim().split(" ");
const oneEach = (name: string): string[] => Array.from({ length: 10 }, (_, i) => `${name}${String(i)}`);

describe("a call that ends its thread", () => {
  it.each([
    ["exit", {}, "slot_lost"],
    ["hoard", {}, "slot_lost"],
    ["throw-later", {}, "slot_lost"],
    ["spin", { timeoutMs: 150 }, "timed_out"],
    ["wait", { timeoutMs: 150 }, "timed_out"],
  ])("by %s fails alone, and no mate runs twice", async (task, more, code) => {
    const reply = await newSlot({ maxHeapMiB: 64 }).run(work([task], more), never);
    expect(outcomes(reply)).toEqual([[0, 1, 2, 3, code, 5, 6, 7, 8, 9]]);
    expect(runs()).toEqual(oneEach(task));
  });

  it("by its memory is told what helps (I8)", async () => {
    const reply = await newSlot({ maxHeapMiB: 64 }).run(work(["hoard"]), never);
    if (reply.kind === "unusable") throw decodeValue(reply.line);
    const [result] = reply.results;
    const line = result === undefined ? "" : (readLines(result.body, result.index)[4] ?? "");
    expect(decodeValue(line.slice(1))).toMatchObject({
      message:
        "task hoard[4] ended its thread: it ran out of memory (give the worker more memory, or fewer threadsPerWorker)",
      cause: expect.objectContaining({ code: "ERR_WORKER_OUT_OF_MEMORY" }) as object,
    });
  });

  it("leaves the steps before it as they ended", async () => {
    const reply = await newSlot().run(work(["same", "exit", "same"]), never);
    expect(outcomes(reply)).toEqual([
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      [0, 1, 2, 3, "slot_lost", 5, 6, 7, 8, 9],
      [0, 1, 2, 3, "not run", 5, 6, 7, 8, 9],
    ]);
    expect(runs()).toHaveLength(10 + 10 + 9);
  });

  it("leaves results that are too large for the journal", async () => {
    const reply = await newSlot().run(work(["large", "large-exit"]), never);
    expect(outcomes(reply)[1]).toEqual([...new Array<number>(8).fill(60_000), "slot_lost", 60_000]);
    expect(runs()).toHaveLength(20);
  });

  it("leaves a slot that can be used again", async () => {
    const slot = newSlot();
    await slot.run(work(["spin"], { timeoutMs: 50 }), never);
    expect(outcomes(await slot.run(work(["same"]), never))).toEqual([[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]);
  });
});

describe("a thread", () => {
  it("that dies between two chunks is replaced", async () => {
    const slot = newSlot();
    await slot.run(work(["mine-behind"]), never);
    await new Promise((resolve) => setTimeout(resolve, 50)); // what was left behind comes when no chunk is there
    expect(outcomes(await slot.run(work(["same"]), never))).toEqual([[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]);
  });

  it("that its bundle ends before any call makes the chunk unusable, not endless", async () => {
    const reply = await newSlot().run(work(["same"], {}, broken), never);
    expect(() => outcomes(reply)).toThrow("ends its thread before a task is called: it exited with code 7");
  });
});

it("lines of the log come while the chunk runs, and none is lost with its thread", async () => {
  writeFileSync(
    join(directory, "speaking.mjs"),
    `globalThis[Symbol.for("cloudburst.onTask")]({ name: "say", run: (x) => {
       globalThis[Symbol.for("cloudburst.currentCall")].getStore().log("info", "at " + x);
       if (x === 4) process.exit(1);
     } });`,
  );
  const told: LogLine[] = [];
  const speaking = { sha256: "c", file: join(directory, "speaking.mjs") };
  await newSlot().run(work(["say"], {}, speaking), never, (lines) => void told.push(...lines));
  expect(told.map(({ line }) => line)).toEqual(Array.from({ length: 10 }, (_, i) => `at ${String(i)}`));
});
