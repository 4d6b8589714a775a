/**
 * What a task sees while it runs: its index, the flow's parameters, a key that the run was given, its attempt, and a
 * logger whose lines come home from the workers. The first attempt of one child fails, and is made again.
 *
 *     npx tsx examples/context-and-log.ts
 *     npx tsx examples/context-and-log.ts --fargate
 */

import * as z from "zod";
import { context, FargateExecutor, flow, LocalExecutor, task } from "../src/index.ts";

const greet = task(
  "greet",
  (name: string) => {
    const { mapIndex, parameters, taskFullName, taskRunCount } = context;
    context.logger.info(`attempt ${taskRunCount}, for ${String(context.get("customer"))}`);
    if (mapIndex === 1 && taskRunCount === 1) throw new Error("the line was busy");
    return `${String(parameters["greeting"])} ${name} (${taskFullName})`;
  },
  { maxRetries: 2, retryDelay: "100ms", timeout: "10s" },
);

export const contextAndLog = flow("context-and-log", { parameters: z.object({ greeting: z.string() }) }, () =>
  greet.map(["Ada", "Grace", "Edsger"]),
);

const state = await contextAndLog.run({
  parameters: { greeting: "Hello" },
  context: { customer: "acme" },
  executor: process.argv.includes("--fargate") ? new FargateExecutor() : new LocalExecutor(),
});
console.log(`${state.kind}: ${state.result.join(", ")}`);
