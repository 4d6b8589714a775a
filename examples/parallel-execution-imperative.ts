/**
 * The flow of parallel-execution.ts once more, task by task: task classes, and edges that are said one by one. The graph is
 * the same.
 *
 *     npx tsx examples/parallel-execution-imperative.ts
 *     npx tsx examples/parallel-execution-imperative.ts --fargate
 */

import { FargateExecutor, Flow, LocalExecutor, Parameter, Task } from "../src/index.ts";

class RandomNumber extends Task<[{ stop: number }], number> {
  run({ stop }: { stop: number }): number {
    const number = Math.floor(Math.random() * stop);
    console.log(`Your number is ${number}`);
    return number;
  }
}

class Sum extends Task<[{ numbers: readonly number[] }], number> {
  run({ numbers }: { numbers: readonly number[] }): number {
    return numbers.reduce((a, b) => a + b, 0);
  }
}

export const parallelExecution = new Flow("parallel-execution");
const stop = new Parameter<number>("stop");
const numbers = [new RandomNumber(), new RandomNumber(), new RandomNumber()];
for (const number of numbers) stop.setDownstream(number, { key: "stop", flow: parallelExecution });
const sum = new Sum();
sum.bind({ numbers }, { flow: parallelExecution });
parallelExecution.returns(sum);

for (const { upstream, downstream, key } of parallelExecution.edges) {
  console.log(`${upstream.slug} → ${downstream.slug} as ${key ?? "nothing"}`);
}
const executor = process.argv.includes("--fargate") ? new FargateExecutor() : new LocalExecutor();
const state = await parallelExecution.run({ parameters: { stop: 5 }, executor });
console.log(`${state.kind}: the sum is ${String(state.of(sum).result)}`);
