/**
 * A task that loops: each turn throws LOOP with what the next one begins with, on the same worker, with no limit to the
 * turns. Here every child of a mapped task looks for a root by Newton's method, with as many turns as it needs.
 *
 *     npx tsx examples/loops.ts
 *     npx tsx examples/loops.ts --fargate
 */

import { context, FargateExecutor, flow, LocalExecutor, LOOP, task } from "../src/index.ts";

const TOLERANCE = 1e-12;

const squareRoot = task("square-root", (x: number) => {
  const guess = (context.taskLoopResult as number | undefined) ?? x;
  const better = (guess + x / guess) / 2;
  if (Math.abs(better - guess) > TOLERANCE * guess) throw new LOOP("closer", { result: better });
  return { x, root: better, turns: context.taskLoopCount };
});

export const roots = flow("roots", () => squareRoot.map([2, 144, 1e10]));

const executor = process.argv.includes("--fargate") ? new FargateExecutor() : new LocalExecutor();
const state = await roots.run({ executor });
for (const { x, root, turns } of state.result) console.log(`√${x} = ${root} after ${turns} turns`);
