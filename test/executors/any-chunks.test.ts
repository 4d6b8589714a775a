/** Whatever fails, is made again or gets lost: chunks give what the local executor gives. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LocalExecutor } from "../../src/executors/local-executor.ts";
import { allFinished, context, flatten, flow, task, unmapped } from "../../src/index.ts";
import { PackingExecutor } from "./packing-executor.ts";

const culprits = fc.uniqueArray(fc.nat({ max: 59 }), { maxLength: 25 });
const specs = fc.record({
  width: fc.integer({ min: 1, max: 60 }),
  failing: fc.record({ a: culprits, b: culprits, c: culprits }),
  /** Fail at their first attempt only. */
  wobbling: fc.record({ a: culprits, c: culprits }),
  /** Of the results: above and below what travels with the message. */
  padding: fc.constantFrom(0, 0, 300),
  /** Who else looks at the results: what nobody looks at is fused. */
  looks: fc.record({ a: fc.boolean(), zipped: fc.boolean(), chained: fc.boolean(), lists: fc.boolean() }),
});
type Spec = typeof specs extends fc.Arbitrary<infer T> ? T : never;

const again = { maxRetries: 1, retryDelay: 0 };

function flowOf({ width, failing, wobbling, padding, looks }: Spec) {
  const pad = "x".repeat(padding);
  const check = (x: number, always: readonly number[], first: readonly number[]): void => {
    if (always.includes(x)) throw new Error(`no ${String(x)}`);
    if (first.includes(x) && context.taskRunCount === 1) throw new Error(`not yet ${String(x)}`);
  };
  const a = task("a", (x: number) => (check(x, failing.a, wobbling.a), { x, index: context.mapIndex, pad }), again);
  const b = task("b", (x: number) => (check(x, failing.b, []), x * 10));
  const zipped = task("zipped", (left: { x: number; index: number | undefined }, right: number) => {
    return { x: left.x, indices: [left.index, context.mapIndex], right, pad };
  });
  const chained = task(
    "chained",
    (z: { x: number }, all: readonly unknown[]) => (check(z.x, failing.c, wobbling.c), { ...z, all: all.length }),
    again,
  );
  const lists = task("lists", (z: { x: number }) => Array.from({ length: z.x % 4 }, (_, at) => ({ x: z.x, at, pad })));
  const element = task("element", (item: { x: number; at: number }) => [item.x, item.at, context.mapIndex]);
  const told = task("told", (list: readonly unknown[]) => list.map(plain), { trigger: allFinished });
  return flow("any-chunks", () => {
    const xs = Array.from({ length: width }, (_, x) => x);
    const as = a.map(xs);
    const zips = zipped.map(as, b.map(xs));
    const chain = chained.map(zips, unmapped([1, 2, 3]));
    const all = lists.map(chain);
    const seen = [
      ...(looks.a ? [told(as)] : []),
      ...(looks.zipped ? [told(zips)] : []),
      ...(looks.chained ? [told(chain)] : []),
      ...(looks.lists ? [told(all)] : []),
    ];
    return { elements: told(element.map(flatten(all))), seen, all };
  });
}

/** Errors of the two executors differ in their stacks. */
function plain(value: unknown): unknown {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  return Array.isArray(value) ? value.map(plain) : value;
}

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

describe("chunks with gaps", () => {
  it("give what the local executor gives, however workers are lost and messages delivered", async () => {
    let gapped = 0;
    let splits = 0;
    await fc.assert(
      fc.asyncProperty(specs, fc.nat(), async (spec, seed) => {
        const packing = new PackingExecutor(randomFrom(seed));
        const [here, there] = [
          await flowOf(spec).run({ executor: new LocalExecutor() }),
          await flowOf(spec).run({ executor: packing }),
        ];
        expect(plainResult(there.result)).toEqual(plainResult(here.result));
        expect(there.kind).toBe(here.kind);
        gapped += packing.sent.filter((chunk) => /-[0-9a-f]{16}\]$/.test(chunk)).length;
        splits += packing.splits;
      }),
      { numRuns: 40 },
    );
    expect({ gapped: gapped > 20, splits: splits > 5 }).toEqual({ gapped: true, splits: true });
  }, 60_000);
});

function plainResult(result: Record<string, unknown>): unknown {
  return Object.entries(result).map(([key, value]) => [key, plain(value)]);
}
