import { setTimeout as delay } from "node:timers/promises";

const patienceMs = 20_000;

/** Waits until the condition holds; fails with what was awaited when it does not in 20 seconds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + patienceMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await delay(5);
  }
}
