import { expect, it } from "vitest";
import type { ChunkMessage } from "../../src/wire/chunk-message.ts";
import { packKey } from "../../src/wire/keys.ts";
import type { Notice } from "../../src/wire/notice.ts";
import { writeFence, writePack } from "../../src/wire/pack.ts";
import { type ChunkRunnerDeps, runChunk } from "../../src/worker/chunk-runner.ts";
import { InputReader } from "../../src/slots/stored-inputs.ts";
import { MemoryStore } from "./memory-store.ts";

const ranges = [
  { start: 0, end: 1 },
  { start: 5, end: 6 },
];
const step = (task: string) => ({ task, slug: task, inputs: [], lengths: false });
const message: ChunkMessage = {
  v: 1,
  runId: "r",
  chunk: "inc[0-6]",
  bundle: "0".repeat(64),
  facts: { kind: "value", line: "[1]" },
  ranges,
  steps: [step("inc"), step("dec")],
  notices: "notices",
};
const pack = writePack({ lines: ["[1]", "[2]"], shape: "calls", ranges });
const result = { ...pack, lines: undefined, failures: undefined, lengths: undefined };

function worker(store: MemoryStore): ChunkRunnerDeps & { readonly told: Notice[]; readonly firstSteps: number[] } {
  const told: Notice[] = [];
  const firstSteps: number[] = [];
  return {
    told,
    firstSteps,
    workerId: "w",
    store,
    bundles: { file: () => Promise.resolve("file"), [Symbol.asyncDispose]: () => Promise.resolve() },
    inputs: new InputReader(store),
    run: ({ firstStep, steps }) => {
      firstSteps.push(firstStep);
      return Promise.resolve({ kind: "done", results: steps.slice(firstStep).map(() => result), busyMs: 1 });
    },
    print: () => undefined,
    tell: (_queue, notice) => Promise.resolve(void told.push(notice)),
    takeRequests: () => ({}),
  };
}

it("a worker that is late with a chunk that was split runs nothing behind the fence, and tells nothing (I8)", async () => {
  for (const deliveries of [1, 2]) {
    const store = new MemoryStore();
    await store.put(packKey("r", "inc", ranges), writeFence(5, ranges));
    const late = worker(store);
    await runChunk(message, deliveries, late);
    expect(late.told).toEqual([]);
    expect(late.firstSteps).toEqual(deliveries === 1 ? [0] : []);
    expect(await store.get(packKey("r", "dec", ranges))).toBeUndefined();
  }
});

it("a worker goes on behind what another has committed", async () => {
  const store = new MemoryStore();
  await store.put(packKey("r", "inc", ranges), pack.body);
  const second = worker(store);
  await runChunk(message, 2, second);
  expect(second.firstSteps).toEqual([1]);
  expect(second.told).toMatchObject([{ kind: "committed", results: [{}, { index: pack.index }] }]);
});
