/** How commands are ended that take a while. */
import { constants } from "node:os";
import { CloudburstError } from "../base/errors.ts";

/**
 * Aborts with the first SIGINT or SIGTERM, for an end in order. A second one ends the process at once.
 * @param say what to tell the user after the first
 */
export function endSignal(say: string): AbortSignal {
  const ending = new AbortController();
  const end = (signal: NodeJS.Signals): void => {
    if (ending.signal.aborted) process.exit(codeOf(signal));
    console.error(`${say} (${signal} again ends it at once)`);
    ending.abort(new Interruption(signal));
  };
  process.on("SIGINT", end).on("SIGTERM", end);
  return ending.signal;
}

class Interruption extends CloudburstError {
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super("interrupted", `interrupted by ${signal}`);
    this.signal = signal;
  }
}

/** As shells have it of a process that the signal has ended. */
export function exitCodeAfter(ended: AbortSignal): number {
  return ended.reason instanceof Interruption ? codeOf(ended.reason.signal) : 1;
}

const codeOf = (signal: NodeJS.Signals): number => 128 + constants.signals[signal];
