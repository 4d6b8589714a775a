/**
 * Which tasks run depends on what others return: a branch for each kind of order, and the orders in which something is
 * wrong are filtered out at the end.
 *
 *     npx tsx examples/control-flow.ts
 *     npx tsx examples/control-flow.ts --fargate
 */

import { applyMap, FargateExecutor, FilterTask, flow, ifElse, LocalExecutor, merge, task } from "../src/index.ts";

interface Order {
  readonly id: string;
  readonly pieces: number;
}

const orders: readonly Order[] = [
  { id: "A", pieces: 3 },
  { id: "B", pieces: 5000 },
  { id: "C", pieces: -1 },
];

const isLarge = task("is-large", ({ id, pieces }: Order) => {
  if (pieces < 0) throw new RangeError(`order ${id} has ${pieces} pieces`);
  return pieces > 1000;
});
const ship = task("ship", ({ id }: Order) => `${id} goes by ship`);
const post = task("post", ({ id }: Order) => `${id} goes by post`);
const sent = new FilterTask<string>({ name: "sent" });

export const controlFlow = flow("control-flow", () => {
  const ways = applyMap((order) => merge(...ifElse(isLarge(order), () => ship(order), () => post(order))), orders); // prettier-ignore
  return sent(ways);
});

const executor = process.argv.includes("--fargate") ? new FargateExecutor() : new LocalExecutor();
const state = await controlFlow.run({ executor });
console.log(`${state.kind}: ${state.result.join(", ")}`);
