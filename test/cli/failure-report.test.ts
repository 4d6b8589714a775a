import { expect, it } from "vitest";
import { formatResult } from "../../src/cli/brief-errors.ts";
import { failureReport } from "../../src/cli/failure-report.ts";
import { flow, range, task } from "../../src/index.ts";

const even = task("even", (x: number) => {
  if (x % 2 === 1) throw new RangeError(`not even, says ${x < 5 ? "one" : "another"}`);
  return x;
});
const sum = task("sum", (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0));
const total = flow("total", () => sum(even.map(range(8))));

async function reportOf({ tasks, run }: { tasks: typeof total.tasks; run: () => ReturnType<typeof total.run> }) {
  return failureReport(tasks, await run());
}

it("shows each error once, with its place in the user's file, and what was not run because of it", async () => {
  const report = await reportOf({ tasks: total.tasks, run: () => total.run() });
  expect(report).toMatch(
    /^failed: even\[1\] \(and 1 more calls of even with this error\)\n {4}RangeError: not even, says one\n/,
  );
  expect(report).toMatch(/^failed: even\[5\].*\n.*says another\n(?: {8}at .*\n)* {8}at .*failure-report\.test\.ts:/m);
  expect(report).toMatch(/\nnot run because of failures before: sum$/);
});

it("says how often a call was tried", async () => {
  const once = flow("once", () => even.with({ maxRetries: 1, retryDelay: 1 })(1));
  expect(failureReport(once.tasks, await once.run())).toMatch(/^failed: even, after 2 attempts\n/);
});

it("has nothing to say when nothing failed", async () => {
  const fine = flow("fine", () => even.map([0, 2]));
  expect(failureReport(fine.tasks, await fine.run())).toBeUndefined();
});

it("prints errors in results in one line", () => {
  const result = { list: [1, new TypeError("bad")], date: new Date(0) };
  expect(formatResult(result)).toBe("{ list: [ 1, [TypeError: bad] ], date: 1970-01-01T00:00:00.000Z }");
});

it("a result may hold itself", () => {
  const ring: { self?: unknown; error: Error } = { error: new TypeError("bad") };
  ring.self = ring;
  expect(formatResult(ring)).toBe("<ref *1> { error: [TypeError: bad], self: [Circular *1] }");
});
