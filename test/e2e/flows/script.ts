import { FargateExecutor, flow, range, task } from "../../../src/index.ts";

const square = task("square", (x: number) => x * x);
const total = task("total", (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0));
const fail = task("fail", (): number => {
  throw new Error("on purpose"); // line 6
});

const squares = flow("squares", () => ({ total: total(square.map(range(10))), failed: fail() }));
const state = await squares.run({ executor: new FargateExecutor({ clusterKwargs: { nWorkers: 1 } }) });
console.log(`total=${String(state.result.total)}`);
console.log((state.result.failed as unknown as Error).stack);
