import { existsSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { flow, task, unmapped } from "../../../src/index.ts";

class LimitError extends Error {
  override readonly name = "LimitError";
  readonly limit = 3;
}

const failFrom3 = task("fail-from-3", (x: number) => {
  if (x >= 3) throw new LimitError(`too much: ${String(x)}`); // the line that stack traces must name
  return x;
});
const double = task("double", (x: number) => 2 * x);
const killOn = task("kill-on", async (x: number, culprit: number, marker: string | null) => {
  await sleep(20);
  if (x !== culprit || (marker !== null && existsSync(marker))) return x;
  if (marker !== null) writeFileSync(marker, "killed once");
  process.kill(process.pid, "SIGKILL");
  return x;
});

export const plainFailure = flow("plain-failure", () => double(failFrom3(5)));
export const poison = flow("poison", () => killOn.map([0, 1, 2, 3], unmapped(2), unmapped(null)));
export const killedOnce = (marker: string) =>
  flow("killed-once", () =>
    killOn.map(
      Array.from({ length: 40 }, (_, i) => i),
      unmapped(17),
      unmapped(marker),
    ),
  );
