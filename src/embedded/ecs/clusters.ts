import type { JsonObject } from "../json-input.ts";
import { lastPart } from "./ecs-arns.ts";
import type { EcsArns } from "./ecs-arns.ts";
import { clusterNotFound, invalidParameter } from "./ecs-errors.ts";

/** The capacity providers that every account has; there are no others without EC2. */
const fargateProviders: ReadonlySet<string> = new Set(["FARGATE", "FARGATE_SPOT"]);

export interface StrategyItem {
  readonly capacityProvider: string;
  readonly weight: number;
  readonly base: number;
}

export interface Cluster {
  readonly name: string;
  readonly arn: string;
  readonly tags: Map<string, string>;
  capacityProviders: readonly string[];
  defaultStrategy: readonly StrategyItem[];
}

/** The clusters by name; like AWS's, the list starts empty, without a `default`. */
export class Clusters {
  readonly #arns: EcsArns;
  readonly #clusters = new Map<string, Cluster>();

  constructor(arns: EcsArns) {
    this.#arns = arns;
  }

  /** Makes the cluster, or returns the one of that name as it is. */
  create(name: string, given: Pick<Cluster, "tags" | "capacityProviders" | "defaultStrategy">): Cluster {
    if (!/^[\w-]{1,255}$/.test(name)) throw invalidParameter("Invalid cluster name.");
    const present = this.#clusters.get(name);
    if (present !== undefined) return present;
    checkProviders(given.capacityProviders, given.defaultStrategy);
    const cluster = { name, arn: this.#arns.cluster(name), ...given };
    this.#clusters.set(name, cluster);
    return cluster;
  }

  /** By name or ARN. */
  find(nameOrArn: string): Cluster | undefined {
    const cluster = this.#clusters.get(lastPart(nameOrArn));
    return nameOrArn.includes(":") && cluster?.arn !== nameOrArn ? undefined : cluster;
  }

  /** By name or ARN, `default` when none is given; throws `ClusterNotFoundException`. */
  get(nameOrArn: string | undefined): Cluster {
    const cluster = this.find(nameOrArn ?? "default");
    if (cluster === undefined) throw clusterNotFound();
    return cluster;
  }

  setProviders(cluster: Cluster, providers: readonly string[], defaultStrategy: readonly StrategyItem[]): void {
    checkProviders(providers, defaultStrategy);
    cluster.capacityProviders = providers;
    cluster.defaultStrategy = defaultStrategy;
  }

  delete(cluster: Cluster): void {
    this.#clusters.delete(cluster.name);
  }
}

/** Checks that each provider of the strategy belongs to the cluster, and that something has weight. */
export function checkStrategy(strategy: readonly StrategyItem[], providers: readonly string[]): void {
  const stranger = strategy.find((item) => !providers.includes(item.capacityProvider));
  if (stranger !== undefined) {
    throw invalidParameter(
      `The specified capacity provider strategy contains a capacity provider that is not associated with the cluster: ${stranger.capacityProvider}.`,
    );
  }
  if (strategy.length > 20) throw invalidParameter("A capacity provider strategy may have at most 20 items.");
  if (strategy.length > 0 && strategy.every((item) => item.weight === 0)) {
    throw invalidParameter("At least one capacity provider in the strategy must have a weight greater than zero.");
  }
  if (strategy.filter((item) => item.base > 0).length > 1) {
    throw invalidParameter("Only one capacity provider in a capacity provider strategy can have a base defined.");
  }
}

export function describeStrategy(strategy: readonly StrategyItem[]): readonly JsonObject[] {
  return strategy.map(({ capacityProvider, weight, base }) => ({ capacityProvider, weight, base }));
}

function checkProviders(providers: readonly string[], strategy: readonly StrategyItem[]): void {
  const unknown = providers.find((provider) => !fargateProviders.has(provider));
  if (unknown !== undefined) throw invalidParameter(`The specified capacity provider was not found: ${unknown}.`);
  checkStrategy(strategy, providers);
}
