/** The flags that say what a run is given, and on what: `run` and `plan` have the same. */
import { type Command, InvalidArgumentError } from "commander";
import type { AdaptKwargs } from "../adaptive/adapt-options.ts";
import type { FargateConfig } from "../config/config.ts";
import { type ScalingFlags, withScalingFlags } from "./scaling-flags.ts";
import { wholeNumber } from "./whole-number.ts";

export interface ExecutorFlags extends ClusterFlags {
  readonly param?: Readonly<Record<string, unknown>>;
  readonly executor?: ExecutorName;
}

/** Which cluster is meant. */
export interface ClusterFlags extends ScalingFlags {
  readonly cluster?: string;
  readonly address?: string;
  readonly kwarg?: Readonly<Record<string, unknown>>;
  readonly workers?: number;
  readonly threads?: number;
  readonly finishBy?: string;
}

const executorNames = ["local", "parallel", "fargate"] as const;
type ExecutorName = (typeof executorNames)[number];

export function withExecutorFlags(command: Command): Command {
  const withParameters = command
    .option("-p, --param <name=value>", "a parameter; the value is JSON, or else text (repeatable)", addParameter)
    .option(
      "--executor <name>",
      "local: in this process, one call at a time; parallel: in threads of this process; fargate: on workers (default: the " +
        "flow's own executor, else the configured one, else fargate)",
      executorName,
    );
  return withClusterFlags(withParameters);
}

export function withClusterFlags(command: Command): Command {
  return withScalingFlags(command)
    .option(
      "--cluster <class>",
      "where workers come from: LocalCluster (default: this machine), FargateCluster (AWS), or module#Export",
    )
    .option("--address <url>", "an existing cluster: fargate://<stack>, or a scheduler's http://127.0.0.1:8786")
    .option("-k, --kwarg <name=value>", "an option of the cluster, as in clusterKwargs (repeatable)", addParameter)
    .option(
      "--workers <n>",
      "workers, or threads of parallel (default: one for each core, or 4 on Fargate)",
      wholeNumber,
    )
    .option("--threads <n>", "calls that each worker runs at once", wholeNumber)
    .option("--finish-by <time>", "when the run should be done, such as 2030-01-31T18:00:00Z");
}

/** Only what was said: the configuration stands in for the rest. */
export function fargateOptions(flags: ClusterFlags): FargateConfig {
  const { cluster, address, kwarg, workers, threads } = flags;
  const clusterKwargs = {
    ...kwarg,
    ...(workers !== undefined && { nWorkers: workers }),
    ...(threads !== undefined && { threadsPerWorker: threads }),
  };
  const adaptKwargs = adaptKwargsOf(flags);
  return {
    ...(cluster !== undefined && { clusterClass: cluster }),
    ...(address !== undefined && { address }),
    ...(Object.keys(clusterKwargs).length > 0 && { clusterKwargs }),
    ...(Object.keys(adaptKwargs).length > 0 && { adaptKwargs }),
  }; // text from a shell: the executor checks every option that it is given
}

function adaptKwargsOf({ minimum, maximum, targetDuration, budget, finishBy }: ClusterFlags): {
  readonly [K in keyof AdaptKwargs]: AdaptKwargs[K];
} {
  return {
    ...(minimum !== undefined && { minimum }),
    ...(maximum !== undefined && { maximum: maximum === "none" ? null : maximum }),
    ...(targetDuration !== undefined && { targetDuration: `${targetDuration}ms` }),
    ...(budget !== undefined && { budget: { usd: budget } }),
    ...(finishBy !== undefined && { finishBy }),
  };
}

function addParameter(text: string, before: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
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
