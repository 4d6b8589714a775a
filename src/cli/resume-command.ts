/** `cloudburst resume`: goes on with a run that has no driver any more, or that did not end well. */
import { Command } from "commander";
import { CloudburstError, InvalidOptionError } from "../base/errors.ts";
import type { Executor, Reopening } from "../executors/executor.ts";
import { FargateExecutor } from "../executors/fargate-executor.ts";
import { readRecord, recordedRuns } from "../observe/record-library.ts";
import type { RecordHeader } from "../observe/run-record.ts";
import { chooseExecutor } from "./choose-executor.ts";
import { drive } from "./drive-flow.ts";
import { type ClusterFlags, fargateOptions, withClusterFlags } from "./executor-flags.ts";
import { loadFlow } from "./load-flows.ts";
import { recordsDirectory } from "./records.ts";

interface ResumeFlags extends ClusterFlags {
  readonly flow?: string;
}

export function resumeCommand(): Command {
  const command = new Command("resume")
    .description("continue a run from its committed results, when its driver is gone or it did not succeed")
    .argument("<run>", "id of the run (see `cloudburst runs`)")
    .argument("[file]", "the file that exports its flow (default: as this machine has recorded)")
    .option("--flow <name>", "which flow, when the file exports several (default: that of the run)");
  return withClusterFlags(command).action(resume);
}

async function resume(run: string, file: string | undefined, flags: ResumeFlags): Promise<void> {
  const header = await recordOf(run);
  const path = file ?? header?.file;
  if (path === undefined) {
    throw new InvalidOptionError(
      `run ${run} is not recorded on this machine: name the file that exports its flow (cloudburst resume ${run} flow.ts), and the ` +
        "cluster with --address, or --cluster and --kwarg, unless the flow has its executor",
    );
  }
  const { flow, executor: own } = await loadFlow(path, flags.flow ?? header?.flow);
  const executor = await executorOf(flags, header?.profile.reopening, own);
  await drive(flow, { resume: header?.runId ?? run, executor }, undefined);
}

/** What this machine knows of the run: of its last driver here. */
async function recordOf(run: string): Promise<RecordHeader | undefined> {
  const directory = await recordsDirectory();
  try {
    const { header } = await readRecord(directory, run);
    const drivers = (await recordedRuns(directory)).filter((name) => name.startsWith(`${header.runId}-`));
    const last = drivers.sort((a, b) => driverOf(a) - driverOf(b)).at(-1);
    return last === undefined ? header : (await readRecord(directory, last)).header;
  } catch (error) {
    if (error instanceof CloudburstError) return undefined; // not recorded, or not to be read: all can be given by hand
    throw error;
  }
}

const driverOf = (name: string): number => Number(name.slice(name.lastIndexOf("-") + 1));

/** What is said by hand goes before the record, and the record before what the flow and the configuration say. */
async function executorOf(
  flags: ResumeFlags,
  recorded: Reopening | undefined,
  own: Executor | undefined,
): Promise<Executor> {
  const given = fargateOptions(flags);
  const names = given.address !== undefined || given.clusterClass !== undefined;
  if (!names && recorded === undefined) return await chooseExecutor(flags, own);
  if (!names && recorded !== undefined && recorded.withheld.length > 0) {
    console.error(`not in the record, and as usual now: ${recorded.withheld.join(", ")}`);
  }
  const before: FargateOptions = names ? {} : (recorded?.options ?? {});
  const clusterKwargs = { ...before.clusterKwargs, ...given.clusterKwargs };
  const adaptKwargs = {
    ...before.adaptKwargs,
    ...given.adaptKwargs,
    ...(flags.budget !== undefined && { budget: budgetOf(flags.budget, before) }),
  };
  const options: object = {
    ...before,
    ...given,
    ...(Object.keys(clusterKwargs).length > 0 && { clusterKwargs }),
    ...(Object.keys(adaptKwargs).length > 0 && { adaptKwargs }),
  };
  return new FargateExecutor(options); // the executor checks every option that it is given
}

interface FargateOptions {
  readonly clusterKwargs?: object;
  readonly adaptKwargs?: { readonly budget?: object };
}

function budgetOf(usd: number, { adaptKwargs }: FargateOptions): object {
  return { ...adaptKwargs?.budget, usd };
}
