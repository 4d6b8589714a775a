/**
 * What a command runs a flow on: what its flags name, else the flow's own executor, else the configured one, else workers.
 */
import { InvalidOptionError, unreachable } from "../base/errors.ts";
import type { Config, FargateConfig } from "../config/config.ts";
import { createDefaultExecutor } from "../config/default-executor.ts";
import { type ConfigPlaces, loadConfig } from "../config/load-config.ts";
import type { Executor } from "../executors/executor.ts";
import { executorsByName } from "../executors/executors-by-name.ts";
import { FargateExecutor } from "../executors/fargate-executor.ts";
import { LocalExecutor } from "../executors/local-executor.ts";
import { ParallelExecutor } from "../executors/parallel-executor.ts";
import { type ClusterFlags, type ExecutorFlags, fargateOptions } from "./executor-flags.ts";

interface ChoosingFlags extends ClusterFlags {
  readonly executor?: ExecutorFlags["executor"];
}

/**
 * @param own the executor that the flow's file gives it
 * @throws {InvalidOptionError} for flags that the chosen executor cannot heed
 */
export async function chooseExecutor(flags: ChoosingFlags, own: Executor | undefined): Promise<Executor> {
  const options = fargateOptions(flags);
  const named = flags.executor ?? (namesCluster(options) ? "fargate" : undefined);
  if (named !== undefined) return await namedExecutor(named, flags, options);
  if (own === undefined) return await configuredExecutor(options);
  refuseUnheard(options, "the flow's own executor");
  return own;
}

async function configuredExecutor(options: FargateConfig): Promise<Executor> {
  let isHeard = false;
  const create = (config: Config): Executor => {
    isHeard = true;
    return new FargateExecutor(withConfigured(options, config));
  };
  const table = { ...executorsByName, FargateExecutor: create };
  const chosen = await createDefaultExecutor<Executor>(table, configPlaces(), "FargateExecutor");
  if (!isHeard) refuseUnheard(options, `the configured executor (${chosen.constructor.name})`);
  return chosen;
}

async function namedExecutor(
  name: NonNullable<ChoosingFlags["executor"]>,
  { workers }: ChoosingFlags,
  options: FargateConfig,
): Promise<Executor> {
  switch (name) {
    case "local":
      refuseUnheard(options, "the executor local");
      return new LocalExecutor();
    case "parallel":
      refuseUnheard(withoutWorkers(options), "the executor parallel");
      return new ParallelExecutor({ numWorkers: workers });
    case "fargate": {
      const { config } = await loadConfig(configPlaces());
      return new FargateExecutor(withConfigured(options, config));
    }
    default:
      return unreachable(name);
  }
}

const configPlaces = (): ConfigPlaces => ({ env: process.env, directory: process.cwd() });

/** Setting by setting, as of other sources: an address excludes what makes a cluster, and the other way round. */
function withConfigured(given: FargateConfig, { engine }: Config): object {
  const { address, clusterClass, clusterKwargs, adaptKwargs } = engine.executor.fargate;
  if (given.address !== undefined) return given;
  if (address !== undefined && Object.keys(given).length === 0) return { address };
  const kwargs = { ...clusterKwargs, ...given.clusterKwargs };
  const adapt = { ...adaptKwargs, ...given.adaptKwargs };
  return {
    ...(clusterClass !== undefined && { clusterClass }),
    ...given,
    ...(Object.keys(kwargs).length > 0 && { clusterKwargs: kwargs }),
    ...(Object.keys(adapt).length > 0 && { adaptKwargs: adapt }),
  };
}

function namesCluster({ address, clusterClass }: FargateConfig): boolean {
  return address !== undefined || clusterClass !== undefined;
}

/** The number of workers is the one thing that threads of this process have as well. */
function withoutWorkers({ clusterKwargs = {}, ...others }: FargateConfig): FargateConfig {
  const left = Object.entries(clusterKwargs).filter(([name]) => name !== "nWorkers");
  return left.length > 0 ? { ...others, clusterKwargs: Object.fromEntries(left) } : others;
}

/** An executor that is there already takes no options any more. */
function refuseUnheard(options: FargateConfig, who: string): void {
  const given = flagsOf(options);
  if (given.length === 0) return;
  throw new InvalidOptionError(
    `${who} takes no options of a cluster, and was given ${given.join(", ")} (leave that out, or choose workers by ` +
      "--executor fargate, --cluster or --address)",
    { given },
  );
}

/** What the user wrote for these options. */
function flagsOf({ clusterKwargs = {}, adaptKwargs, ...others }: FargateConfig): readonly string[] {
  const names: Readonly<Record<string, string>> = {
    nWorkers: "--workers",
    threadsPerWorker: "--threads",
    clusterClass: "--cluster",
    targetDuration: "--target-duration",
    finishBy: "--finish-by",
  };
  return [
    ...Object.keys({ ...others, ...adaptKwargs }).map((name) => names[name] ?? `--${name}`),
    ...Object.keys(clusterKwargs).map((name) => names[name] ?? `--kwarg ${name}`),
  ];
}
