import { describe, expect, it } from "vitest";
import type { Step } from "../../src/executors/executor.ts";
import { type Job, WorkPool } from "../../src/executors/work-pool.ts";

const step = (slug: string, order: number): Step => ({
  task: { name: slug, run: () => undefined, definedIn: undefined },
  slug,
  order,
  inputs: [],
  wantsLengths: false,
});

const stepsOf = new Map<string, readonly Step[]>();

/** Jobs of the same slug have the same steps. */
const job = (slug: string, order: number, start: number, end: number): Job => ({
  steps: stepsOf.get(slug) ?? [step(slug, order)],
  firstStep: 0,
  range: { start, end },
  next: start,
});

for (const [slug, order] of [
  ["inc", 0],
  ["dec", 1],
  ["add", 2],
] as const) {
  stepsOf.set(slug, [step(slug, order)]);
}

const shape = (pool: WorkPool<Job>, size: number): string[] => {
  const cuts: string[] = [];
  for (let cut = pool.cut(() => size); cut.length > 0; cut = pool.cut(() => size)) {
    const ranges = cut.map(({ range }) => range && `${String(range.start)}-${String(range.end)}`);
    const slug = cut[0]?.job.steps[0]?.slug ?? "";
    cuts.push(ranges[0] === null ? slug : `${slug}[${ranges.join(" ")}]`);
  }
  return cuts;
};

describe("the pool of waiting work", () => {
  it("cuts a job into consecutive ranges, the last as large as what is left", () => {
    const pool = new WorkPool<Job>();
    pool.add(job("inc", 0, 10, 17));
    expect(shape(pool, 3)).toEqual(["inc[10-13]", "inc[13-16]", "inc[16-17]"]);
  });

  it("gives what stands later in the flow first, so that pipelines finish", () => {
    const pool = new WorkPool<Job>();
    pool.add(job("inc", 0, 0, 2));
    pool.add(job("add", 2, 0, 2));
    pool.add(job("dec", 1, 0, 2));
    expect(shape(pool, 2)).toEqual(["add[0-2]", "dec[0-2]", "inc[0-2]"]);
  });

  it("keeps the order of coming within one step", () => {
    const pool = new WorkPool<Job>();
    pool.add(job("inc", 0, 4, 6));
    pool.add(job("inc", 0, 0, 2));
    expect(shape(pool, 2)).toEqual(["inc[4-6]", "inc[0-2]"]);
  });

  it("fills a chunk from several jobs of the same steps, in the order of the calls", () => {
    const pool = new WorkPool<Job>();
    pool.add(job("inc", 0, 8, 10));
    pool.add(job("inc", 0, 0, 3));
    pool.add(job("inc", 0, 4, 6));
    expect(shape(pool, 4)).toEqual(["inc[0-2 8-10]", "inc[2-3 4-6]"]);
  });

  it("never mixes steps, nor plain calls, in a chunk", () => {
    const pool = new WorkPool<Job>();
    pool.add(job("inc", 0, 0, 1));
    pool.add({ steps: [step("inc", 0)], firstStep: 0, range: { start: 5, end: 6 }, next: 5 });
    const plain = { steps: [step("sum", 0)], firstStep: 0, range: null, next: 0 };
    pool.add(plain);
    pool.add({ ...plain });
    expect(shape(pool, 9)).toEqual(["inc[0-1]", "inc[5-6]", "sum", "sum"]);
    expect(pool.waiting).toBe(0);
  });

  it("never mixes calls that begin with one step and with another, and gives those that are farther first", () => {
    const steps = [step("inc", 0), step("dec", 1)];
    const pool = new WorkPool<Job>();
    const add = (firstStep: number, start: number): void =>
      pool.add({ steps, firstStep, range: { start, end: start + 1 }, next: start });
    for (const start of [0, 2, 4, 6]) add(start % 4 === 0 ? 0 : 1, start);
    const cuts = [pool.cut(() => 9), pool.cut(() => 9), pool.cut(() => 9)];
    expect(cuts.map((cut) => cut.map(({ job, range }) => [job.firstStep, range?.start]))).toEqual([
      [
        [1, 2],
        [1, 6],
      ],
      [
        [0, 0],
        [0, 4],
      ],
      [],
    ]);
  });

  it("bounds the parts of a chunk, since its message names them", () => {
    const pool = new WorkPool<Job>();
    for (let at = 0; at < 2_500; at += 1) pool.add(job("inc", 0, 2 * at, 2 * at + 1));
    const parts: number[] = [];
    for (let cut = pool.cut(() => 9_999); cut.length > 0; cut = pool.cut(() => 9_999)) parts.push(cut.length);
    expect(parts).toEqual([1_000, 1_000, 500]);
  });

  it("tells how many calls of the step wait in all jobs, and counts what waits", () => {
    const pool = new WorkPool<Job>();
    pool.add(job("inc", 0, 0, 5));
    pool.add(job("inc", 0, 8, 10));
    pool.add({ steps: [step("sum", 1)], firstStep: 0, range: null, next: 0 });
    expect(pool.waiting).toBe(8);
    pool.cut(() => 1);
    let told = 0;
    pool.cut((_, remaining) => (told = remaining) && 1);
    expect(told).toBe(7);
    expect(pool.waiting).toBe(6);
  });
});
