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

const job = (slug: string, order: number, start: number, end: number): Job => ({
  steps: [step(slug, order)],
  range: { start, end },
  next: start,
});

const shape = (pool: WorkPool, size: number): string[] => {
  const cuts: string[] = [];
  for (let cut = pool.cut(() => size); cut !== undefined; cut = pool.cut(() => size)) {
    const slug = cut.job.steps[0]?.slug ?? "";
    cuts.push(cut.range === null ? slug : `${slug}[${String(cut.range.start)}-${String(cut.range.end)}]`);
  }
  return cuts;
};

describe("the pool of waiting work", () => {
  it("cuts a job into consecutive ranges, the last as large as what is left", () => {
    const pool = new WorkPool();
    pool.add(job("inc", 0, 10, 17));
    expect(shape(pool, 3)).toEqual(["inc[10-13]", "inc[13-16]", "inc[16-17]"]);
  });

  it("gives what stands later in the flow first, so that pipelines finish", () => {
    const pool = new WorkPool();
    pool.add(job("inc", 0, 0, 2));
    pool.add(job("add", 2, 0, 2));
    pool.add(job("dec", 1, 0, 2));
    expect(shape(pool, 2)).toEqual(["add[0-2]", "dec[0-2]", "inc[0-2]"]);
  });

  it("keeps the order of coming within one step", () => {
    const pool = new WorkPool();
    pool.add(job("inc", 0, 4, 6));
    pool.add(job("inc", 0, 0, 2));
    expect(shape(pool, 9)).toEqual(["inc[4-6]", "inc[0-2]"]);
  });

  it("tells how many calls of the step wait in all jobs, and counts what waits", () => {
    const pool = new WorkPool();
    pool.add(job("inc", 0, 0, 5));
    pool.add(job("inc", 0, 8, 10));
    pool.add({ steps: [step("sum", 1)], range: null, next: 0 });
    expect(pool.waiting).toBe(8);
    pool.cut(() => 1);
    let told = 0;
    pool.cut((_, remaining) => (told = remaining) && 1);
    expect(told).toBe(7);
    expect(pool.waiting).toBe(6);
  });
});
