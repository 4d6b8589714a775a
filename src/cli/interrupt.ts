/** How commands are interrupted: those that come to an end of themselves, and those that are told to. */
import { CloudburstError } from "../base/errors.ts";

/** Aborts with the first SIGINT; a second one ends the process at once, as Node does it. */
export function interruptSignal(): AbortSignal {
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort(new CloudburstError("interrupted", "interrupted")));
  return interrupted.signal;
}

/**
 * Aborts with the first SIGINT or SIGTERM, for an end in order. A second one ends the process at once.
 * @param say what to tell the user after the first
 */
export function endSignal(say: string): AbortSignal {
  const ending = new AbortController();
  const end = (signal: NodeJS.Signals): void => {
    if (ending.signal.aborted) process.exit(signal === "SIGINT" ? 130 : 143);
    console.error(`${say} (${signal} again ends it at once)`);
    ending.abort();
  };
  process.on("SIGINT", end).on("SIGTERM", end);
  return ending.signal;
}
