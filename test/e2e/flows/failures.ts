import { existsSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { allFinished, flow, task, unmapped } from "../../../src/index.ts";

class LimitError extends Error {
  override readonly name = "LimitError";
  readonly limit = 3;
}

const failFrom3 = task("fail-from-3", (x: number) => {
  if (x >= 3) throw new LimitError(`too much: ${String(x)}`); // the line that stack traces must name
  return x;
});
const double = task("double", (x: number) => 2 * x);
const count = task(
  "count",
  (xs: readonly unknown[]) => xs.map((x) => (x instanceof Error ? `${x.name}: ${x.message}` : x)),
  {
    trigger: allFinished,
  },
);
const unsendable = task("unsendable", (x: number): unknown => (x === 1 ? { callback: () => x } : x));
const exitOn = task("exit-on", (x: number, culprit: number) => {
  if (x === culprit) process.exit(3);
  return x;
});
const killOn = task("kill-on", async (x: number, culprit: number, marker: string | null) => {
  await sleep(20);
  if (x !== culprit || (marker !== null && existsSync(marker))) return x;
  if (marker !== null) writeFileSync(marker, "killed once");
  process.kill(process.pid, "SIGKILL");
  return x;
});
const endless = task("endless", () => sleep(3_600_000));

export const partial = flow("partial", () => count(double.map(failFrom3.map([1, 2, 3, 4]))));
export const plainFailure = flow("plain-failure", () => double(failFrom3(5)));
export const unsendableResult = flow("unsendable-result", () => unsendable.map([0, 1, 2]));
export const unsendableElement = flow("unsendable-element", () => {
  const bad = (() => 1) as unknown as number;
  return double.map([1, bad, 3]);
});
export const unsendableConstant = flow("unsendable-constant", () => {
  const bad = (() => 1) as unknown as number;
  return exitOn.map([1, 2], unmapped(bad));
});
export const exiting = flow("exiting", () => exitOn.map([0, 1, 2, 3], unmapped(2)));
export const poison = flow("poison", () => killOn.map([0, 1, 2, 3], unmapped(2), unmapped(null)));
export const killedOnce = (marker: string) =>
  flow("killed-once", () =>
    killOn.map(
      Array.from({ length: 40 }, (_, i) => i),
      unmapped(17),
      unmapped(marker),
    ),
  );
export const waiting = flow("waiting", () => endless());
