/** Makes lines of the log of what tasks with `logStdout` print. */
import { currentCalls } from "./current-call.ts";

let isCapturing = false;

/**
 * From now on what such tasks write to standard output goes to their log; everybody else's output passes. It stays so
 * for the life of the process: who took the stream meanwhile must not lose it.
 */
export function capturePrints(): void {
  if (isCapturing) return;
  isCapturing = true;
  const { stdout } = process;
  const write = stdout.write.bind(stdout) as (...args: readonly unknown[]) => boolean;
  stdout.write = (...args: unknown[]) => (takePrint(args) ? true : write(...args));
}

function takePrint([text, ...rest]: unknown[]): boolean {
  const call = currentCalls().getStore();
  if (call?.subject.logStdout !== true) return false;
  for (const line of textOf(text, rest[0]).split(/\r?\n/)) {
    if (line.trim() !== "") call.log("info", line);
  }
  const done = rest.at(-1);
  if (typeof done === "function") queueMicrotask(done as () => void);
  return true;
}

function textOf(given: unknown, encoding: unknown): string {
  if (given instanceof Uint8Array) return Buffer.from(given).toString("utf8");
  const text = String(given);
  return typeof encoding === "string" ? Buffer.from(text, encoding as BufferEncoding).toString("utf8") : text;
}
