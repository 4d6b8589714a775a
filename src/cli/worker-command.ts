/** `cloudburst worker`: one more worker for a scheduler. */
import { Command } from "commander";
import { systemClock } from "../base/clock.ts";
import { joinAsWorker, type WorkerJoinOptions } from "../cluster/join-as-worker.ts";
import { endSignal } from "./interrupt.ts";
import { wholeNumber } from "./whole-number.ts";

export function workerCommand(): Command {
  return new Command("worker")
    .description("start a worker that joins the cluster of a `cloudburst scheduler`, and keep it until interrupted")
    .argument("<address>", "what the scheduler printed, such as http://127.0.0.1:8786")
    .option("--threads <n>", "calls that it runs at once (default: one for each core)", wholeNumber)
    .option("--name <text>", "prefix of its name in messages (default: worker)")
    .option(
      "--token <text>",
      "the scheduler's token (default: CLOUDBURST_TOKEN, else the key that a scheduler of yours left)",
    )
    .option("--tls-ca <file>", "PEM file of the authority that the scheduler's certificate comes from")
    .action(join);
}

async function join(address: string, flags: WorkerJoinOptions): Promise<void> {
  await joinAsWorker(address, flags, {
    log: (line) => console.log(line),
    output: (line) => console.log(line),
    env: process.env,
    clock: systemClock,
    signal: endSignal("leaving after what is in hand"),
  });
}
