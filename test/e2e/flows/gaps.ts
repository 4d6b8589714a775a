/** Flows whose calls fail, or are made again, here and there, so that the calls behind them have gaps. */
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import * as z from "zod";
import { allFinished, context, flow, range, task, unmapped } from "../../../src/index.ts";

const isCulprit = (x: number, every: number): boolean => every > 0 && x % every === every - 1;

/** Bodies run in many processes: a line is written at once, or not at all. */
function note(journal: string, what: string): void {
  if (journal !== "") appendFileSync(journal, `${what}\n`);
}

const sieve = task("sieve", (x: number, every: number, journal = "") => {
  note(journal, `sieve-1 ${String(x)}`);
  if (isCulprit(x, every)) throw new Error(`no ${String(x)}`);
  return x;
});
const wobbly = task(
  "wobbly",
  (x: number, every: number) => {
    if (isCulprit(x, every) && context.taskRunCount === 1) throw new Error(`not yet ${String(x)}`);
    return x;
  },
  { maxRetries: 1, retryDelay: 0 },
);
const dec = task("dec", (x: number, journal = "") => {
  note(journal, `dec-1 ${String(x)}`);
  return x - 1;
});
const add = task("add", (x: number, y: number, journal = "") => {
  note(journal, `add-1 ${String(x)}`);
  return { sum: x + y, index: context.mapIndex };
});
const told = task("told", (sums: readonly unknown[]) => sums.map((sum) => (sum instanceof Error ? sum.message : sum)), {
  trigger: allFinished,
});
const killOnce = task("kill-once", (x: number, y: number, culprit: number, marker: string) => {
  if (x !== culprit || existsSync(marker)) return x + y;
  writeFileSync(marker, "killed once");
  process.kill(process.pid, "SIGKILL");
  return x + y;
});
const width = z.object({ n: z.number().int(), every: z.number().int() });

/** Zip of two maps, of which the first fails at every so many-th call. Bodies leave their lines in the journal, if any. */
export const zipWithFailures = flow(
  "zip-with-failures",
  { parameters: width.extend({ journal: z.string().default("") }) },
  ({ n, every, journal }) => {
    const sieved = sieve.map(range(n), unmapped(every), unmapped(journal));
    return told(add.map(sieved, dec.map(range(n), unmapped(journal)), unmapped(journal)));
  },
);

/** The same where the call succeeds when it is made again. */
export const zipWithRetries = flow("zip-with-retries", { parameters: width }, ({ n, every }) =>
  told(add.map(wobbly.map(range(n), unmapped(every)), dec.map(range(n)))),
);

const marked = z.object({ n: z.number().int(), culprit: z.number().int(), marker: z.string() });

export const killedOnceInGaps = flow("killed-once-in-gaps", { parameters: marked }, ({ n, culprit, marker }) =>
  told(killOnce.map(sieve.map(range(n), unmapped(3)), dec.map(range(n)), unmapped(culprit), unmapped(marker))),
);
