/**
 * Handlers, which run in the driver: one that is told of each change, one that rescues what failed, one for the flow's own
 * end. One of three deliveries fails twice and is retried; another fails for good, and is rescued.
 *
 *     npx tsx examples/state-handlers.ts
 *     npx tsx examples/state-handlers.ts --fargate
 */

import {
  context,
  FargateExecutor,
  flow,
  isFailed,
  LocalExecutor,
  RETRY,
  type State,
  success,
  task,
  type TaskRun,
} from "../src/index.ts";

const tell = ({ name }: TaskRun, before: State, now: State): void => {
  console.log(`${name}: ${before.kind} → ${now.kind}${isFailed(now) ? ` (${now.error.message})` : ""}`);
};

const deliver = task(
  "deliver",
  (address: string) => {
    if (address === "a busy street" && context.taskRunCount < 3) throw new RETRY("nobody at home");
    if (address === "the moon") throw new Error("too far");
    return `delivered to ${address}`;
  },
  { stateHandlers: [tell, (_task, _before, now) => (isFailed(now) ? success("returned to sender") : undefined)] },
);

export const deliveries = flow(
  "deliveries",
  {
    onFailure: (run, { message }) => {
      console.error(`${run.name} failed: ${message}`);
    },
    terminalStateHandler: (_run, state, references) => {
      console.log(`${state.kind}, told from ${references.length} reference task`);
    },
  },
  () => deliver.map(["the house next door", "a busy street", "the moon"]),
);

const executor = process.argv.includes("--fargate") ? new FargateExecutor() : new LocalExecutor();
const state = await deliveries.run({ executor });
console.log(state.result.join("\n"));
