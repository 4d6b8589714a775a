/** A call that uses up its thread's memory, in a real thread that runs the built worker file. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { failedMark } from "../../src/wire/pack.ts";
import { decodeValue, encodeValue } from "../../src/wire/values.ts";
import { Slot, type SlotWork } from "../../src/worker/slot.ts";

const directory = mkdtempSync(join(tmpdir(), "cloudburst-memory-"));
const slot = new Slot({ file: new URL("../../dist/worker.mjs", import.meta.url), maxHeapMiB: 32 });
afterEach(async () => {
  await slot.close();
  rmSync(directory, { recursive: true });
});

/** Five calls, of which the one in the middle hoards until nothing is left. */
function hoardingChunk(): SlotWork {
  const path = join(directory, "bundle.mjs");
  writeFileSync(
    path,
    `globalThis[Symbol.for("cloudburst.onTask")]({
       name: "hoard",
       run: (hoards) => {
         const hoard = [];
         while (hoards) hoard.push(Array.from({ length: 1_000 }, (_, n) => ({ n })));
         return "modest";
       },
     });`,
  );
  const lines = [false, false, true, false, false].map((hoards) => encodeValue(hoards, "the argument"));
  const column = { kind: "items" as const, parts: [{ lines }] };
  return {
    runId: "r",
    bundle: { sha256: "bundle", file: path },
    range: { start: 10, end: 15 },
    steps: [{ task: "hoard", inputs: [{ kind: "each", column }], lengths: false }],
    firstStep: 0,
    given: [],
  };
}

it("a call that runs out of memory fails alone, with a typed error that says what helps (I8)", async () => {
  const reply = await slot.run(hoardingChunk(), new AbortController().signal);
  if (reply.kind === "unusable") throw new Error(reply.line);
  const lines = reply.results[0]?.lines ?? [];
  const [failed = ""] = lines.filter((line) => line.startsWith(failedMark));
  expect(lines.map((line) => (line === failed ? "failed" : decodeValue(line)))).toEqual([
    "modest",
    "modest",
    "failed",
    "modest",
    "modest",
  ]);
  expect(decodeValue(failed.slice(failedMark.length))).toMatchObject({
    code: "slot_lost",
    message:
      "task hoard[12] ended its thread: it ran out of memory (give the worker more memory, or fewer threadsPerWorker)",
    cause: expect.objectContaining({ code: "ERR_WORKER_OUT_OF_MEMORY" }) as object,
  });
});
