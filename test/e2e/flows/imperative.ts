/** The seeds' parallel-execution flow in the imperative spelling, and retries. */
import { Flow, flow, Parameter, Task, task } from "../../../src/index.ts";

class Multiply extends Task<[{ stop: number }], number> {
  run({ stop }: { stop: number }): number {
    return 2 * stop;
  }
}
class Sum extends Task<[{ numbers: readonly number[] }], number> {
  run({ numbers }: { numbers: readonly number[] }): number {
    return numbers.reduce((a, b) => a + b, 0);
  }
}

export const imperative = new Flow("parallel-execution");
const stop = new Parameter<number>("stop");
const numbers = [new Multiply(), new Multiply(), new Multiply()];
for (const number of numbers) stop.setDownstream(number, { key: "stop", flow: imperative });
const sum = new Sum();
sum.bind({ numbers }, { flow: imperative });
imperative.returns(sum);

const attempted = new Set<number>();
const failsOnce = task(
  "fails-once",
  (x: number) => {
    if (x % 5 === 0 && !attempted.has(x)) {
      attempted.add(x);
      throw new Error(`first attempt of ${String(x)}`);
    }
    return x;
  },
  { maxRetries: 3, retryDelay: 10 },
);
const double = task("double", (x: number) => 2 * x);
const total = task("total", (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0));

export const retried = flow("retried", () => {
  const doubled = double.map(failsOnce.map(Array.from({ length: 50 }, (_, i) => i)));
  return { doubled, total: total(doubled) };
});
