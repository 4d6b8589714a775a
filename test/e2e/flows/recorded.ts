/** A flow on a local cluster that scales; run by itself, it runs. */
import { FargateExecutor, flow, range, task } from "../../../src/index.ts";

const wait = task("wait", async (x: number) => {
  await new Promise((resolve) => setTimeout(resolve, 20));
  return x;
});
const list = task("list", () => [1, 2, 3]);
const count = task("count", (xs: readonly number[]) => xs.length);

export const recorded = flow("recorded", () => count(wait.map(range(40))));
export const unknownWidth = flow("unknown-width", () => count(wait.map(list())));

const executor = new FargateExecutor({ adaptKwargs: { maximum: 2, interval: "100ms" } });
if (process.argv[2] === "run") await recorded.run({ executor });
