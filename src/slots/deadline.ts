import type { SlotMemory } from "./slot-memory.ts";

/**
 * Looks from outside whether a call takes too long: its own thread may be too busy to notice. `shortestMs` is the shortest
 * timeout there is: a call that begins after a look is not overdue before the next one.
 */
export function watchDeadline(
  memory: SlotMemory,
  shortestMs: number,
  overdue: (call: number) => void,
  signal: AbortSignal,
): void {
  let timer: NodeJS.Timeout;
  const look = (): void => {
    const call = memory.current;
    const { leftMs } = memory;
    if (call !== undefined && leftMs !== undefined && leftMs <= 0) overdue(call);
    else timer = setTimeout(look, Math.ceil(leftMs ?? shortestMs));
  };
  timer = setTimeout(look, shortestMs);
  signal.addEventListener("abort", () => clearTimeout(timer));
}
