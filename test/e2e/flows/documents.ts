/** The samples of Prefect's own documents, line by line as they are here. */
import { FargateExecutor, flow, Flow, Parameter, range, Task, task } from "../../../src/index.ts";

/** Chance as the tests know it. */
const randomBelow = (stop: number): number => Math.floor(0.6 * stop);

// Parallelism within a flow, the functional spelling.
const randomNum = task(
  "random_num",
  ({ stop }: { stop: number }) => {
    const number = randomBelow(stop);
    console.log(`Your number is ${number}`);
    return number;
  },
  { logStdout: true },
);
const sumNumbers = task("sum_numbers", ({ numbers }: { numbers: readonly number[] }) => {
  const sum = numbers.reduce((a, b) => a + b, 0);
  console.log(sum);
  return sum;
});

export const functional = flow("parallel-execution", () => {
  const stop = new Parameter<number>("stop");
  const number1 = randomNum({ stop });
  const number2 = randomNum({ stop });
  const number3 = randomNum({ stop });
  return sumNumbers({ numbers: [number1, number2, number3] });
});

// The same, task by task.
class RandomNum extends Task<[{ stop: number }], number> {
  run({ stop }: { stop: number }): number {
    const number = randomBelow(stop);
    console.log(`Your number is ${number}`);
    return number;
  }
}
class Sum extends Task<[{ numbers: readonly number[] }], number> {
  run({ numbers }: { numbers: readonly number[] }): number {
    const sum = numbers.reduce((a, b) => a + b, 0);
    console.log(sum);
    return sum;
  }
}

export const imperative = new Flow("parallel-execution");
const stop = new Parameter<number>("stop");
const number1 = new RandomNum({ logStdout: true });
const number2 = new RandomNum({ logStdout: true });
const number3 = new RandomNum({ logStdout: true });
stop.setDownstream(number1, { key: "stop", flow: imperative });
stop.setDownstream(number2, { key: "stop", flow: imperative });
stop.setDownstream(number3, { key: "stop", flow: imperative });
const sum = new Sum();
sum.bind({ numbers: [number1, number2, number3] }, { flow: imperative });
imperative.returns(sum);

// Distributed execution.
const myTask = task("my_task", () => {
  // what is to be done
});
export const distributed = flow("My Distributed Flow", () => {
  myTask();
});

// Using the Dask executor: the executor belongs to the flow.
export const myFlow = flow("my_flow", { executor: new FargateExecutor({ clusterKwargs: { nWorkers: 1 } }) }, () => {
  myTask();
});

// The Dask executor: a map over a map.
const inc = task("inc", (x: number) => x + 1);
const dec = task("dec", (x: number) => x - 1);
const add = task("add", (x: number, y: number) => x + y);
const listSum = task("sum", (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0));
export const daskExample = flow("dask-example", () => {
  const incs = inc.map(range(100));
  const decs = dec.map(range(100));
  const adds = add.map(incs, decs);
  return listSum(adds);
});
