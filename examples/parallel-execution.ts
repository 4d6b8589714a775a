/**
 * Three tasks side by side and one that takes the list of their results; how high the random numbers go is a parameter.
 *
 *     npx tsx examples/parallel-execution.ts             always in the same order, in this process
 *     npx tsx examples/parallel-execution.ts --fargate   at the same time, on worker processes
 */

import * as z from "zod";
import { FargateExecutor, flow, LocalExecutor, task } from "../src/index.ts";

const randomNumber = task("random-number", (stop: number) => {
  const number = Math.floor(Math.random() * stop);
  console.log(`Your number is ${number}`);
  return number;
});

const sumNumbers = task("sum-numbers", (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0));

export const parallelExecution = flow(
  "parallel-execution",
  { parameters: z.object({ stop: z.number().int().positive() }) },
  ({ stop }) => {
    const first = randomNumber(stop);
    const second = randomNumber(stop);
    const third = randomNumber(stop);
    return sumNumbers([first, second, third]);
  },
);

const executor = process.argv.includes("--fargate") ? new FargateExecutor() : new LocalExecutor();
const state = await parallelExecution.run({ parameters: { stop: 5 }, executor });
console.log(`${state.kind}: the sum is ${state.result}`);
