import { setTimeout as delay } from "node:timers/promises";

/** Less than a test is given, so that it fails with what it waited for. */
const patienceMs = 40_000;

/** Waits until the condition holds; fails with what was awaited when it does not in 40 seconds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + patienceMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await delay(5);
  }
}
