/** The part of a stack trace that tells users something. */
import { fileURLToPath } from "node:url";

/** In a worker this module is in the worker's one file, and so is every frame that is not the user's or Node's. */
const ownFile = import.meta.url;
const ownPath = fileURLToPath(ownFile);

/** Leaves out the frames of the worker's file, and those of Node by which it called the user's code. */
export function userStack(stack: string, own: readonly string[] = [ownFile, ownPath]): string {
  const lines = stack.split("\n");
  const kept = lines.filter((line) => !(isFrame(line) && own.some((name) => line.includes(name))));
  if (kept.length === lines.length) return stack;
  while (isCallOfNode(kept.at(-1))) kept.pop();
  return kept.join("\n");
}

const isFrame = (line: string): boolean => /^\s+at /.test(line);
const isCallOfNode = (line: string | undefined): boolean =>
  line !== undefined &&
  isFrame(line) &&
  /\(?node:(async_hooks|internal\/process\/task_queues|events|internal\/worker)\b/.test(line);
