/** Runs whose fleet scales, with real worker processes in an account of the embedded cloud, and a log of all that happens. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { WorkerFacts } from "../../src/cluster/cluster.ts";
import { createProcessLauncher } from "../../src/embedded/process-launcher.ts";
import {
  type AdaptKwargs,
  type ExecutorEvent,
  FargateCluster,
  FargateExecutor,
  type OpenCluster,
  type RunEvent,
} from "../../src/index.ts";
import { openAccount } from "../preflight/account.ts";
import { phases } from "./flows/phases.ts";

const workerFile = fileURLToPath(new URL("../../dist/worker.mjs", import.meta.url));

/** What the embedded cloud was asked and what the run told, in order. */
export type LogEntry =
  | { readonly kind: "request"; readonly operation: string; readonly at: number }
  | { readonly kind: "run"; readonly event: RunEvent; readonly at: number };

export interface LabOptions {
  readonly startupLatencyMs: number;
  readonly adapt: AdaptKwargs;
  /** Changes of what a worker costs and how it is billed. */
  readonly facts?: Partial<WorkerFacts>;
}

export interface PhaseParameters {
  readonly first: readonly number[];
  readonly pauseMs: number;
  readonly second: readonly number[];
}

export interface LabResult {
  readonly state: Awaited<ReturnType<typeof phases.run>>;
  readonly log: readonly LogEntry[];
  /** How often calls of the bursts were begun. */
  readonly executions: number;
}

/** Runs the flow `phases` once. */
export async function runPhases(parameters: PhaseParameters, options: LabOptions): Promise<LabResult> {
  const log: LogEntry[] = [];
  const directory = await mkdtemp(join(tmpdir(), "cloudburst-executions-"));
  await using account = await openAccount({
    launcher: createProcessLauncher({ workerFile }),
    startupLatencyMs: options.startupLatencyMs,
    quotas: { "fargate/L-3032A538": 64 },
    onRequest: ({ operation }) => log.push({ kind: "request", operation, at: performance.now() }),
  });
  const { endpoint, region, credentials } = account.cloud;
  const cluster = new FargateCluster({ endpoint, region, credentials, watchMs: 1_000 });
  const open: OpenCluster = async (run) => {
    const opened = await cluster.open(run);
    return { ...opened, workerFacts: { ...scaledFacts, ...options.facts } };
  };
  try {
    const state = await phases.run({
      parameters: { ...parameters, first: [...parameters.first], second: [...parameters.second], directory },
      executor: new FargateExecutor({ clusterClass: () => open, adaptKwargs: options.adapt }),
      onEvent: (event) => log.push({ kind: "run", event, at: performance.now() }),
    });
    return { state, log, executions: (await readdir(directory)).length };
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** A billed minute of four seconds. Nothing is remembered. */
const scaledFacts: WorkerFacts = {
  kind: undefined,
  usdPerHour: { spot: 1, "on-demand": 1 },
  minimumBilledMs: 4_000,
  unbilledStartUpMs: 0,
};

export function executorEvents(log: readonly LogEntry[]): readonly ExecutorEvent[] {
  return log.flatMap((entry) => (entry.kind === "run" && entry.event.type === "executor" ? [entry.event.event] : []));
}
