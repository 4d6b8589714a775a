/** What of an executor's options is written down, so that a run can be resumed without naming its cluster again. */
import { FargateCluster } from "../cluster/fargate-cluster.ts";
import type { Reopening } from "./executor.ts";

/** Secrets, what may hold some, and a time that is over when the run is resumed. */
const secret: ReadonlySet<string> = new Set(["credentials", "security", "environment", "finishBy"]);

/** Undefined where no other driver could find what the run has left. */
export function reopeningOf(given: Readonly<Record<string, unknown>>): Reopening | undefined {
  const { address, clusterClass } = given;
  const isFargate = clusterClass === "FargateCluster" || clusterClass === FargateCluster;
  if (address === undefined && !isFargate) return undefined;
  const withheld: string[] = [];
  const options = plain({ ...given, ...(isFargate && { clusterClass: "FargateCluster" }) }, withheld);
  return { options, withheld };
}

function plain(given: Readonly<Record<string, unknown>>, withheld: string[]): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (secret.has(name) || typeof value === "function") withheld.push(name);
    else kept[name] = isRecord(value) ? plain(value, withheld) : value;
  }
  return kept;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
