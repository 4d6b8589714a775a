import {
  allFinished,
  context,
  FAIL,
  flow,
  isFailed,
  manualOnly,
  PAUSE,
  RETRY,
  SKIP,
  success,
  task,
  type TaskRun,
  TRIGGERFAIL,
} from "../../../src/index.ts";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const sift = task("sift", (x: number) => {
  if (x === 1) throw new SKIP("not this one");
  if (x === 2) throw new FAIL("bad", { result: "instead" });
  if (x === 3) throw new TRIGGERFAIL("refused");
  return x * 10;
});
const next = task("next", (x: number) => x + 1);
const list = task("list", (xs: readonly unknown[]) => xs.map((x) => (x instanceof Error ? x.message : x)), {
  trigger: allFinished,
  skipOnUpstreamSkip: false,
});
export const sifting = flow("sifting", () => {
  const sifted = sift.map([0, 1, 2, 3, 4]);
  return { sifted: list(sifted), followed: list(next.map(sifted)) };
});

const onceMore = task("once-more", (x: number, directory: string) => {
  const marker = join(directory, String(x));
  if (x % 2 === 1 && !existsSync(marker)) {
    writeFileSync(marker, "");
    throw new RETRY("come again");
  }
  return x;
});
export const comingAgain = (directory: string) =>
  flow("coming-again", () => next.map(onceMore.map([0, 1, 2, 3], [directory, directory, directory, directory])));

export const changes: string[] = [];
const note = ({ name }: TaskRun, from: { readonly kind: string }, to: { readonly kind: string }): void => {
  changes.push(`${name} ${from.kind} ${to.kind}`);
};
const odd = task("odd", (x: number) => {
  if (x % 2 === 0) throw new Error("even");
  return x;
});
export const rescued = flow("rescued", () => {
  const saved = odd.with({
    name: "saved",
    stateHandlers: [note, (_task, _old, state) => (isFailed(state) ? success(-1) : undefined)],
  });
  return next.map(saved.map([1, 2, 3]));
});

const approve = task("approve", (x: number) => x, { trigger: manualOnly });
export const approving = flow("approving", () => next(approve(1)));

const careful = task("careful", (x: number) => {
  if (x > 0 && !context.resumed) throw new PAUSE("may I?");
  return [x, context.resumed, context.taskRunCount] as const;
});
export const asking = flow("asking", () => [careful(1), careful.map([0, 1, 2])]);

const large = task("large", (n: number) => ({ n, text: "x".repeat(100_000), pair: [n, n + 1] as const }));
export const items = flow("items", () => {
  const made = large(5);
  return [next(made.get("n")), next(made.get("pair").get(1)), next.map([1, 2, 3]).at(-1)];
});
