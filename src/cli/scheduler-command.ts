/** `cloudburst scheduler`: a long-lived cluster on this machine, which flows of several processes share. */
import { once } from "node:events";
import { Command } from "commander";
import { defaultPort } from "../cluster/address.ts";
import { startScheduler } from "../cluster/scheduler.ts";
import type { SchedulerOptions } from "../cluster/scheduler-options.ts";
import { formatQuantity } from "../observe/human-units.ts";
import { endSignal } from "./interrupt.ts";
import { wholeNumber } from "./whole-number.ts";

export function schedulerCommand(): Command {
  return new Command("scheduler")
    .description("start a cluster on this machine that several flow runs share, and keep it until interrupted")
    .option(
      "--host <address>",
      "address to listen on; any but 127.0.0.1 needs --tls-cert, and a token (default: 127.0.0.1)",
    )
    .option("--port <n>", `port; 0 takes a free one (default: ${String(defaultPort)})`, wholeNumber)
    .option(
      "--n-workers <n>",
      "worker processes to start; 0 leaves that to `cloudburst worker` (default: one for each core)",
      wholeNumber,
    )
    .option(
      "--threads-per-worker <n>",
      "calls that each of them runs at once (default: 1, or with --n-workers the cores for each)",
      wholeNumber,
    )
    .option(
      "--token <text>",
      "the secret that others need to join (default: CLOUDBURST_TOKEN, else a key for this user alone)",
    )
    .option("--tls-cert <file>", "PEM file of the scheduler's certificate")
    .option("--tls-key <file>", "PEM file of the certificate's key")
    .action(serve);
}

async function serve(flags: SchedulerOptions): Promise<void> {
  const ending = endSignal("ending: the workers finish what they have in hand");
  const scheduler = await startScheduler(flags, {
    log: (line) => console.error(line),
    output: (line, worker) => console.error(`${worker}: ${line}`),
    env: process.env,
  });
  const { address, workers, slotsPerWorker } = scheduler;
  console.log(`Scheduler at: ${address}`);
  console.log(
    `${formatQuantity(workers, "worker")} with ${formatQuantity(slotsPerWorker, "thread")} each; more join by: npx cloudburst worker ${address}`,
  );
  if (!ending.aborted) await once(ending, "abort");
  await scheduler[Symbol.asyncDispose]();
}
