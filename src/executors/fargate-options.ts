/** Options of `FargateExecutor`, checked before anything is started. */
import * as z from "zod";
import { type AdaptKwargs, type AdaptOptions, resolveAdaptOptions } from "../adaptive/adapt-options.ts";
import { systemClock } from "../base/clock.ts";
import { InvalidOptionError } from "../base/errors.ts";
import { parseOptions } from "../base/parse-options.ts";
import type { PriceOptions } from "../base/prices.ts";
import { type ParsedAddress, parseAddress } from "../cluster/address.ts";
import { awsShape } from "../cluster/aws-options.ts";
import {
  type ClusterClass,
  type ClusterFunction,
  type ClusterModule,
  type Kwargs,
  resolveClusterClass,
} from "../cluster/cluster-class.ts";
import type { OpenCluster } from "../cluster/cluster.ts";
import { openExistingArchive } from "../cluster/existing-cluster.ts";
import type { OpenRunArchive } from "../cluster/run-archive.ts";
import { FargateCluster } from "../cluster/fargate-cluster.ts";
import type { AwsOptions, FargateClusterOptions } from "../cluster/fargate-options.ts";
import type { LocalClusterOptions } from "../cluster/local-cluster.ts";
import { priceOptions } from "../cluster/price-options.ts";

interface Scaled {
  /** The fleet grows and shrinks with the work. @default a fixed number of workers; `nWorkers` then is what it begins with */
  readonly adaptKwargs?: AdaptKwargs | undefined;
}

interface Priced {
  /**
   * What workers of the run's own and its requests are paid by, in plans, budgets and summaries. A cluster of one's own making
   * says itself what its workers cost.
   * @default CLOUDBURST__ENGINE__EXECUTOR__FARGATE__PRICES; else list prices of the region, or of us-east-1 where those are not known
   */
  readonly prices?: PriceOptions | undefined;
}

/** A local cluster for each run: the embedded cloud, with workers that are processes of this machine. */
interface OnLocalCluster extends Scaled, Priced {
  readonly clusterClass?: "LocalCluster" | undefined;
  readonly clusterKwargs?: LocalClusterOptions | undefined;
  readonly address?: undefined;
}

/** A temporary cluster on AWS for each run. What is said of AWS here, `clusterKwargs` may say otherwise. */
interface OnTemporaryCluster extends AwsOptions, Scaled, Priced {
  readonly clusterClass: "FargateCluster" | typeof FargateCluster;
  readonly clusterKwargs?: FargateClusterOptions | undefined;
  readonly address?: undefined;
}

/** A cluster of one's own making. */
interface OnCustomCluster extends Scaled, Priced {
  readonly clusterClass: ClusterModule | ClusterClass | ClusterFunction;
  readonly clusterKwargs?: Kwargs | undefined;
  readonly address?: undefined;
}

/** An existing cluster, which several runs share. */
interface OnExistingCluster extends AwsOptions, Priced {
  /** `fargate://<stack>`, `fargate://<stack>?region=<region>`, or a scheduler's: `http://127.0.0.1:8786`. */
  readonly address: string;
  readonly clusterClass?: undefined;
  readonly clusterKwargs?: undefined;
  /** The service of the stack decides how many workers there are. */
  readonly adaptKwargs?: undefined;
}

export type FargateExecutorOptions = OnLocalCluster | OnTemporaryCluster | OnCustomCluster | OnExistingCluster;

/** Variables that stand in for what is not said in code. */
export const executorVariables = {
  address: "CLOUDBURST__ENGINE__EXECUTOR__FARGATE__ADDRESS",
  clusterClass: "CLOUDBURST__ENGINE__EXECUTOR__FARGATE__CLUSTER_CLASS",
  prices: "CLOUDBURST__ENGINE__EXECUTOR__FARGATE__PRICES",
} as const;

const schema = z.strictObject({
  clusterClass: z.custom<unknown>().optional(),
  clusterKwargs: z.record(z.string(), z.unknown(), { error: "must be an object" }).optional(),
  adaptKwargs: z.record(z.string(), z.unknown(), { error: "must be an object" }).optional(),
  address: z.string({ error: "must be text" }).optional(),
  prices: priceOptions.optional(),
  ...awsShape,
});

/** Opens clusters of a class, or is the address of one that exists. */
export type ResolvedFargateOptions = {
  /** The options, with what the environment adds. */
  readonly given: GivenOptions;
  /** Undefined where runs leave nothing that another driver could find. */
  readonly openArchive: OpenRunArchive | undefined;
} & (
  | { readonly kind: "class"; readonly open: OpenCluster; readonly adapt: AdaptOptions | undefined }
  | {
      readonly kind: "address";
      readonly address: ParsedAddress;
      readonly aws: AwsOptions;
      readonly adapt?: undefined;
    }
);

export type GivenOptions = z.infer<typeof schema>;

/** @throws InvalidOptionError */
export function resolveFargateOptions(
  options: FargateExecutorOptions,
  env: NodeJS.ProcessEnv = process.env,
): ResolvedFargateOptions {
  const given = withPrices(fromEnvironment(parseOptions("FargateExecutor", schema, options), env), env);
  const { clusterClass, clusterKwargs, adaptKwargs, address, prices, ...aws } = given;
  if (address === undefined) {
    const adapt = adaptOptionsOf(adaptKwargs, clusterKwargs);
    const open = openerOf(clusterClass ?? "LocalCluster", clusterKwargs, { ...aws, prices });
    return { given, kind: "class", open, adapt, openArchive: archiveOf(clusterClass, clusterKwargs, aws) };
  }
  if (adaptKwargs !== undefined) {
    throw new InvalidOptionError(
      "FargateExecutor: `adaptKwargs` and `address` exclude each other: the stack scales the service of a shared cluster " +
        '(set its minimum and maximum with `npx cloudburst deploy`, or take a temporary cluster: clusterClass "FargateCluster")',
      { address },
    );
  }
  if (clusterClass === undefined && clusterKwargs === undefined) {
    const parsed = parseAddress(address);
    return { given, kind: "address", address: parsed, aws, openArchive: openExistingArchive(parsed, aws) };
  }
  throw new InvalidOptionError(
    "Cannot specify `address` and `clusterClass`/`clusterKwargs`: an address joins a cluster that is there; leave out the one or the other",
    { address },
  );
}

/** @throws InvalidOptionError also where `nWorkers`, with which the fleet begins, lies outside of minimum and maximum */
function adaptOptionsOf(given: Kwargs | undefined, clusterKwargs: Kwargs = {}): AdaptOptions | undefined {
  if (given === undefined) return undefined;
  const adapt = resolveAdaptOptions(given, systemClock.now());
  const { minimum, maximum } = adapt;
  const { nWorkers } = clusterKwargs;
  if (typeof nWorkers !== "number" || (nWorkers >= minimum && nWorkers <= (maximum ?? nWorkers))) return adapt;
  throw new InvalidOptionError(
    `FargateExecutor: \`nWorkers\` is the number of workers that \`adaptKwargs\` begins with and must lie between its minimum ` +
      `and maximum (${minimum} and ${maximum ?? "none"}), got ${nWorkers}`,
    { nWorkers, minimum, maximum },
  );
}

/** What is said in code goes before the environment, also where the two would contradict each other. */
function fromEnvironment(given: z.infer<typeof schema>, env: NodeJS.ProcessEnv): z.infer<typeof schema> {
  const { address, clusterClass, clusterKwargs, adaptKwargs } = given;
  if (address !== undefined || clusterClass !== undefined) return given;
  const named = { address: env[executorVariables.address], clusterClass: env[executorVariables.clusterClass] };
  if (named.address !== undefined && named.clusterClass !== undefined) {
    const { address: one, clusterClass: other } = executorVariables;
    throw new InvalidOptionError(
      `${one} and ${other} cannot both be set: the first joins a cluster, the second makes one`,
    );
  }
  if (named.clusterClass !== undefined) return { ...given, clusterClass: named.clusterClass };
  const saysMore = clusterKwargs !== undefined || adaptKwargs !== undefined;
  return saysMore || named.address === undefined ? given : { ...given, address: named.address };
}

function withPrices(given: GivenOptions, env: NodeJS.ProcessEnv): GivenOptions {
  return { ...given, prices: given.prices ?? pricesOfEnvironment(env[executorVariables.prices]) };
}

/** @throws InvalidOptionError that names the variable */
function pricesOfEnvironment(text: string | undefined): PriceOptions | undefined {
  if (text === undefined || text === "") return undefined;
  try {
    return parseOptions(executorVariables.prices, priceOptions, JSON.parse(text));
  } catch (error) {
    if (error instanceof InvalidOptionError) throw error;
    throw new InvalidOptionError(
      `${executorVariables.prices} must be JSON such as {"fargate":{"spotDiscount":0.7}}, got ${text}`,
    );
  }
}

function archiveOf(clusterClass: unknown, kwargs: Kwargs = {}, aws: AwsOptions): OpenRunArchive | undefined {
  if (clusterClass !== "FargateCluster" && clusterClass !== FargateCluster) return undefined;
  const cluster = new FargateCluster({ ...aws, ...kwargs });
  return (signal) => cluster.openArchive(signal);
}

function openerOf(clusterClass: unknown, kwargs: Kwargs = {}, { prices, ...aws }: AwsOptions & Priced): OpenCluster {
  if (clusterClass === "FargateCluster" || clusterClass === FargateCluster) {
    return resolveClusterClass(clusterClass, { ...aws, prices, ...kwargs });
  }
  const [misplaced] = Object.entries(aws).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (misplaced === undefined) return resolveClusterClass(clusterClass, kwargs);
  throw new InvalidOptionError(
    `FargateExecutor: \`${misplaced}\` belongs to clusterClass "FargateCluster" or to an \`address\``,
  );
}
