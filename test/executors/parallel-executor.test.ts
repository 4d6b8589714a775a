import { availableParallelism } from "node:os";
import { describe, expect, it } from "vitest";
import { ParallelExecutor } from "../../src/index.ts";
import type { SlotWork } from "../../src/slots/call-slot.ts";
import { runInHalves } from "../../src/slots/run-in-halves.ts";
import type { SlotReply, SlotStep } from "../../src/slots/slot-protocol.ts";
import { mappedResult } from "../../src/slots/step-results.ts";
import { notRunMark, readLines } from "../../src/wire/pack.ts";

describe("options of the ParallelExecutor", () => {
  it.each([
    ["threads", 3],
    ["Threading", 3],
    ["processes", 3],
    ["MULTIPROCESSING", 3],
    ["sync", 1],
    ["synchronous", 1],
    ["Single-Threaded", 1],
  ])("scheduler %s has %i calls at once", (scheduler, slots) => {
    const executor = new ParallelExecutor({ scheduler, numWorkers: 3 });
    expect(executor.profile).toEqual({ place: "in-process", slots });
  });

  it("default to threads, one for each core", () => {
    expect(new ParallelExecutor().profile.slots).toBe(availableParallelism());
  });

  it.each([
    [{ scheduler: "dask" }, /ParallelExecutor: `scheduler`: must be one of "threads", .*"single-threaded", got dask/],
    [{ numWorkers: 0 }, /`numWorkers`: must be at least 1, got 0/],
    [{ numWorkers: 1.5 }, /`numWorkers`: must be a whole number, got 1.5/],
    [{ workers: 2 }, /unknown option `workers`/],
  ])("are refused: %o", (options: object, message) => {
    expect(() => new ParallelExecutor(options)).toThrow(message);
  });
});

describe("a chunk whose process is ended by some of its calls", () => {
  const steps = ["a", "b", "c"].map((task): SlotStep => ({ task, slug: task, inputs: [], lengths: false }));
  const work: SlotWork = {
    runId: "r",
    facts: { kind: "value", line: "" },
    bundle: { sha256: "", file: "" },
    ranges: [
      { start: 100, end: 104 },
      { start: 206, end: 212 },
    ],
    steps,
    firstStep: 0,
    given: [],
  };

  /** Runs steps as a slot does, until a culprit `step call` comes; counts how often each call was made. */
  function processOf(culprits: readonly string[]) {
    const made = new Map<string, number>();
    const runOnce = ({ known = [] }: SlotWork) => {
      const results: string[][] = [];
      for (const step of steps.keys()) {
        const lines: string[] = [];
        for (let call = 0; call < 10; call += 1) {
          const name = `${steps[step]?.task ?? ""} ${String(call)}`;
          const before = results[step - 1]?.[call] ?? "";
          const line = known[step * 10 + call] ?? (/^[!~]/.test(before) ? notRunMark : undefined);
          if (line === undefined && culprits.includes(name)) {
            return Promise.resolve({ kind: "died", what: "process", error: new Error("gone") } as const);
          }
          if (line === undefined) made.set(name, (made.get(name) ?? 0) + 1);
          lines.push(line ?? `["${name}"]`);
        }
        results.push(lines);
      }
      const packs = steps.map((step, at) => mappedResult(step, { lines: results[at] ?? [], values: [] }, work.ranges));
      return Promise.resolve({ kind: "reply", reply: { kind: "done", results: packs, busyMs: 1 } } as const);
    };
    return { made, runOnce };
  }

  const linesOf = (reply: SlotReply): string[][] =>
    reply.kind === "done" ? reply.results.map(({ body, index }) => readLines(body, index)) : [];

  it.each([[[]], [["a 0"]], [["c 9"]], [["b 4", "a 5", "c 6", "b 0"]], [steps.flatMap(({ task }) => `${task} 3`)]])(
    "keeps what the others gave: %o",
    async (culprits) => {
      const { runOnce, made } = processOf(culprits);
      const results = linesOf(await runInHalves(work, runOnce));
      for (const [step, { task }] of steps.entries()) {
        for (let call = 0; call < 10; call += 1) {
          const earlier = steps.slice(0, step).some((other) => culprits.includes(`${other.task} ${String(call)}`));
          const line = results[step]?.[call] ?? "";
          if (earlier) expect(line).toBe(notRunMark);
          else if (culprits.includes(`${task} ${String(call)}`))
            expect(line).toContain(`task ${task}[${String(call + (call < 4 ? 100 : 202))}] ended its process: gone`);
          else expect(line).toBe(`["${task} ${String(call)}"]`);
        }
      }
      expect(Math.max(...made.values())).toBeLessThanOrEqual(culprits.length === 0 ? 1 : 6);
    },
  );
});
