/** Flows of the executors' contract. At module level, so that workers find the tasks. */
import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { threadId } from "node:worker_threads";
import * as z from "zod";
import { allFinished, context, flatten, flow, range, task, type Unmapped, unmapped } from "../../../src/index.ts";

const inc = task("inc", (x: number) => x + 1);
const double = task("double", (x: number) => 2 * x);
const sum = task("sum", (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0));

/** A plain call, a fused chain of two maps, and a reduce. */
export const wide = flow("wide", { parameters: z.object({ n: z.number().int() }) }, ({ n }) => {
  const doubled = double.map(inc.map(range(n)));
  return { doubled, total: sum(doubled), one: inc(n) };
});

class DeepError extends Error {
  override readonly name = "DeepError";
  readonly limit = 3;
}
const fail = task("fail", (x: number): number => {
  if (x < 2) return x;
  throw new DeepError(`no ${String(x)}`, { cause: new TypeError("the cause", { cause: { plain: x } }) });
});
const messages = task(
  "messages",
  (xs: readonly unknown[]) => xs.map((x) => (x instanceof Error ? `${x.name}: ${x.message}` : x)),
  { trigger: allFinished },
);
export const failing = flow("failing", () => {
  const failed = fail.map([0, 1, 2, 3]);
  return { plain: fail(7), told: messages(failed), behind: double.map(failed) };
});

const list = task("list", (n: number) => Array.from({ length: n }, (_, i) => ({ i, text: `row ${String(i)}` })));
const rowOf = task("row-of", (row: { i: number; text: string }, by: number) => row.i * by);
const textOf = task("text-of", (n: number) => "ü".repeat(n));
/** A long list that is mapped over, and values far beyond what travels within a message. */
export const large = flow("large-values", () => ({
  rows: rowOf.map(list(20_000), unmapped(2)),
  text: textOf(1_500_000),
  texts: textOf.map([100_000, 1, 200_000]),
}));

const callback = task("callback", (x: number): unknown => (x === 1 ? { nested: [() => x] } : x));
export const unsendableResult = flow("contract-unsendable-result", () => callback.map([0, 1, 2]));
const notANumber = (() => 1) as unknown as number;
export const unsendableElement = flow("contract-unsendable-element", () => double.map([1, notANumber, 3]));
const add = task("add", (x: number, y: number) => x + y);
export const unsendableConstant = flow("contract-unsendable-constant", () => add.map([1, 2], unmapped(notANumber)));

const wait = task("wait", async (marker: string) => {
  writeFileSync(marker, "begun");
  await sleep(3_600_000, undefined, { signal: context.signal });
});
export const waiting = (marker: string) => flow("contract-waiting", () => wait(marker));

const spin = task("spin", (marker: string) => {
  writeFileSync(marker, "begun");
  for (;;);
});
export const spinning = (marker: string) => flow("contract-spinning", () => spin(marker));

const where = task("where", () => ({ pid: process.pid, threadId }));
export const whereabouts = flow("whereabouts", () => where());
const whereTimed = task("where-timed", (x: number) => ({ x: 0 * x, pid: process.pid, threadId }), { timeout: "10s" });
const inOneList = task("in-one-list", (...all: unknown[]) => all.flat());
export const timedWhereabouts = flow("timed-whereabouts", () => inOneList(whereTimed(1), whereTimed.map([2, 3, 4])));

const timed = { timeout: "10s" } as const;
const sayHere = task("say-here", (x: number) => context.logger.info(`here ${String(x)}`));
const sayTimed = task("say-timed", (x: number) => context.logger.info(`timed ${String(x)}`), timed);
export const timedInOrder = flow("timed-in-order", () => {
  sayHere(1);
  sayTimed.map([2, 3]);
  sayHere(4);
  sayTimed(5);
});

const callIt = task("call-it", (_x: number, f: () => number) => f(), timed);
export const timedMembers = (f: Unmapped<() => number>) => flow("timed-members", () => callIt.map([1, 2], f));

const makeRows = task(
  "make-rows",
  () =>
    new Map([
      [1, [10, 20]],
      [2, [40]],
    ]),
);
const rowsOf = task("rows-of", (rows: Map<number, number[]>) => [...rows.values()], timed);
const timesTwo = task("times-two", (x: number) => 2 * x, timed);
export const timedLookUp = flow("timed-look-up", () => timesTwo.map(flatten(rowsOf(makeRows()))));

const killOn = task("kill-on", (x: number, culprit: number) => {
  if (x === culprit) process.kill(process.pid, "SIGKILL");
  return x;
});
/** Ten calls of which one ends its process, in the second step of a fused chain. */
export const poison = flow("contract-poison", () => double.map(killOn.map(inc.map(range(10)), unmapped(4))));
const exitOn = task("exit-on", (x: number) => {
  if (x === 2) process.exit(3);
  return x;
});
export const exiting = flow("contract-exiting", () => exitOn.map([0, 1, 2, 3]));

const speak = task(
  "speak",
  (x: number) => {
    context.logger.debug("silent");
    context.logger.info("x is", x);
    process.stdout.write("printed\n\n"); // the test runner takes what goes through its console
    return x;
  },
  { logStdout: true },
);
export const speaking = flow("contract-speaking", () => speak.map([1]));
