import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { context, flow, LOOP, RETRY, SUCCESS, task, unmapped } from "../../../src/index.ts";

const look = task("look", (x: number) => ({
  x,
  fullName: context.taskFullName,
  slug: context.taskSlug,
  mapIndex: context.mapIndex,
  runCount: context.taskRunCount,
  flowName: context.flowName,
  runId: context.flowRunId,
  parameters: { ...context.parameters },
  own: context.get("own"),
  today: context.today,
  aborted: context.signal.aborted,
}));
const lookOnce = task("look-once", () => [context.mapIndex, context.taskFullName]);
const size = task("size", (x: number) => x * (context.get("own") as string).length);

export const looking = flow("looking", { parameters: z.object({ n: z.number() }) }, () => ({
  children: look.map([5, 6]),
  plain: lookOnce(),
}));
export const reading = flow("reading", () => size.map([1, 1, 1, 1, 1, 1, 1, 1]));

const parameterOf = task("parameter-of", (name: string) => context.parameters[name]);
export const unsendable = flow("unsendable", { parameters: z.object({ f: z.any(), n: z.number() }) }, () =>
  parameterOf.map(["n", "f"]),
);

const flaky = task(
  "flaky",
  (x: number) => {
    if (context.taskRunCount < 3 && x === 1) throw new Error(context.idempotencyKey);
    return [context.taskRunCount, context.idempotencyKey];
  },
  { maxRetries: 2, retryDelay: 0 },
);
const behind = task("behind", (previous: unknown[]) => [...previous, context.taskRunCount, context.taskSlug]);
export const retrying = flow("retrying", () => behind.map(flaky.map([0, 1])));

const loop = task("loop", (until: number) => {
  const soFar = (context.taskLoopResult as number | undefined) ?? 0;
  if (soFar < until) throw new LOOP("", { result: soFar + 1 });
  return [soFar, context.taskLoopCount];
});
const early = task("early", (x: number): number => {
  throw new SUCCESS("enough", { result: 10 * x });
});
const inc = task("inc", (x: number) => x + 1);
export const signalling = flow("signalling", () => ({
  loops: loop.map([0, 3, 50_000]),
  early: inc.map(early.map([1, 2])),
}));

const retryAt = task("retry-at", () => {
  throw new RETRY("later", { startTime: new Date(0) });
});
export const unknownSignal = flow("unknown-signal", () => retryAt());

/** Notes each run of a body in a file, as threads and processes share no memory. */
const noted = (file: string, x: number): void => appendFileSync(file, `${String(x)}\n`);

const busyOn = task(
  "busy-on",
  (x: number, culprit: number, file: string) => {
    noted(file, x);
    while (x === culprit);
    return x;
  },
  { timeout: 200 },
);
export const overdue = (file: string) =>
  flow("overdue", () => busyOn.map([0, 1, 2, 3, 4, 5], unmapped(3), unmapped(file)));

const deaf = task("deaf", async () => await sleep(3_600_000), { timeout: "100ms" });
const listening = task(
  "listening",
  async () => await sleep(3_600_000, "slept", { signal: context.signal }).catch(() => "too late"),
  { timeout: 100 },
);
export const unhurried = flow("unhurried", () => [deaf(), listening()]);

const exitOn = task("exit-on", (x: number, culprit: number, file: string) => {
  noted(file, x);
  if (x === culprit) process.exit(3);
  return x;
});
const double = task("double", (x: number) => 2 * x);
export const exiting = (file: string) =>
  flow("exiting-late", () => double.map(exitOn.map([0, 1, 2, 3, 4, 5], unmapped(4), unmapped(file))));

const speak = task(
  "speak",
  (x: number) => {
    context.logger.debug("silent");
    context.logger.info("x is", x);
    console.log("printed");
    console.log();
    return x;
  },
  { logStdout: true },
);
const flood = task("flood", () => {
  for (let i = 0; i < 10_000; i += 1) context.logger.warn(`line ${String(i)}`);
});
const lastWords = task("last-words", () => {
  context.logger.info("farewell");
  process.exit(1);
});
export const speaking = flow("speaking", () => speak.map([1]));
export const flooding = flow("flooding", () => flood());
export const leaving = flow("leaving", () => lastWords());

const once = task("once", (marker: string) => {
  if (existsSync(marker)) return context.idempotencyKey;
  writeFileSync(marker, context.idempotencyKey);
  process.kill(process.pid, "SIGKILL");
  return "";
});
export const killedOnce = (marker: string) => flow("killed-once-key", () => once(marker));
