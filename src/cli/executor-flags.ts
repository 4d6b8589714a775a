/** The flags that say what a run is given, and on what: `run` and `plan` have the same. */
import { type Command, InvalidArgumentError } from "commander";
import { unreachable } from "../base/errors.ts";
import type { Executor } from "../executors/executor.ts";
import { FargateExecutor } from "../executors/fargate-executor.ts";
import type { FargateExecutorOptions } from "../executors/fargate-options.ts";
import { LocalExecutor } from "../executors/local-executor.ts";
import { ParallelExecutor } from "../executors/parallel-executor.ts";
import { wholeNumber } from "./whole-number.ts";

export interface ExecutorFlags {
  readonly param: Readonly<Record<string, unknown>>;
  readonly executor: ExecutorName;
  readonly cluster?: string;
  readonly address?: string;
  readonly kwarg: Readonly<Record<string, unknown>>;
  readonly workers?: number;
  readonly threads?: number;
}

const executorNames = ["local", "parallel", "fargate"] as const;
type ExecutorName = (typeof executorNames)[number];

export function withExecutorFlags(command: Command): Command {
  return command
    .option("-p, --param <name=value>", "a parameter; the value is JSON, or else text (repeatable)", addParameter, {})
    .option(
      "--executor <name>",
      "local: in this process; parallel: in threads of it; fargate: on workers",
      executorName,
      "fargate" as const,
    )
    .option("--cluster <class>", "what the workers belong to: LocalCluster, FargateCluster, or module#Export")
    .option("--address <url>", "an existing cluster: fargate://<stack>, or a scheduler's http://127.0.0.1:8786")
    .option("-k, --kwarg <name=value>", "an option of the cluster, as in clusterKwargs (repeatable)", addParameter, {})
    .option(
      "--workers <n>",
      "workers, or threads of parallel (default: one for each core, or 4 on Fargate)",
      wholeNumber,
    )
    .option("--threads <n>", "calls that each worker runs at once", wholeNumber);
}

export function executorOf(flags: ExecutorFlags): Executor {
  const { executor } = flags;
  switch (executor) {
    case "local":
      return new LocalExecutor();
    case "parallel":
      return new ParallelExecutor({ numWorkers: flags.workers });
    case "fargate":
      return new FargateExecutor(fargateOptions(flags));
    default:
      return unreachable(executor);
  }
}

/** Only what was said: the environment stands in for the rest. */
function fargateOptions({ cluster, address, kwarg, workers, threads }: ExecutorFlags): FargateExecutorOptions {
  const clusterKwargs = {
    ...kwarg,
    ...(workers !== undefined && { nWorkers: workers }),
    ...(threads !== undefined && { threadsPerWorker: threads }),
  };
  const options: object = {
    ...(cluster !== undefined && { clusterClass: cluster }),
    ...(address !== undefined && { address }),
    ...(Object.keys(clusterKwargs).length > 0 && { clusterKwargs }),
  };
  return options; // text from a shell: the executor checks every option that it is given
}

function addParameter(text: string, before: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("write it as name=value");
  return { ...before, [text.slice(0, at)]: jsonOrText(text.slice(at + 1)) };
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // a bare word is a string: nobody wants to quote twice in a shell
  }
}

function executorName(text: string): ExecutorName {
  const name = executorNames.find((each) => each === text);
  if (name === undefined) throw new InvalidArgumentError("it must be local, parallel or fargate");
  return name;
}
