/** The three outcomes of a plan: low, likely and high, each a simulated run. */
import type { CallDuration } from "../adaptive/scaling-view.ts";
import { type PriceTable, US_EAST_1_PRICES } from "../base/prices.ts";
import type { FlowPlan, PlannedTask, PlanOutcome } from "../flow/flow-plan.ts";
import type { DriverMemory } from "./driver-view.ts";
import { type FleetOutcome, simulateFleet, type StartUp, type WorkersAt } from "./fleet-run.ts";
import type { Planned, PlannedOverhead } from "./planned.ts";
import { measuredRange } from "./planned-durations.ts";
import { seeded } from "./random.ts";
import type { Stage } from "./stages.ts";
import { type Batch, drawBatch } from "./trace.ts";

type Scenario = keyof PlannedTask["callMs"];
type Outcomes = NonNullable<FlowPlan["outcome"]>;

/** Calls of one task vary by so much. */
const callSigma = 0.3;
const startUpSigma = 0.15;
/** docs/decisions/0020-scaling.md: the cases told of lie between 20 s (small image) and 90 s. */
const unknownFargateStartUpMs = { low: 20_000, likely: 45_000, high: 90_000 } as const;
const unknownLocalStartUpMs = { low: 250, likely: 500, high: 1_000 } as const;

/** Until a run has measured it: docs/planning.md tells where the numbers come from. */
const unknownOverhead = {
  local: { openMs: 150, readyMs: 100, closeMs: 225 },
  fargate: { openMs: 2_000, readyMs: 0, closeMs: 4_000 },
} as const;

const maxSteps = 200;

/** Requests that a chunk needs on its way: message, receipt, notice and their deletions share batches; one pack. */
const requestsPerChunk = { sqs: 4, s3Writes: 1 } as const;

/** The number of calls of every task is known. */
export function planOutcomes(planned: Planned): Outcomes {
  const of = (scenario: Scenario): PlanOutcome => outcomeOf(planned, scenario);
  return { low: of("low"), likely: of("likely"), high: of("high") };
}

function outcomeOf(planned: Planned, scenario: Scenario): PlanOutcome {
  const { profile, memory, startedAt } = planned;
  if (profile.fleet === undefined) return inOneProcess(planned, scenario);
  const overhead: PlannedOverhead = memory.overhead ?? unknownOverhead[profile.place === "local" ? "local" : "fargate"];
  const { batches, known } = batchesOf(planned, scenario, overhead.readyMs);
  const driver: DriverMemory = {
    startUpMs: memory.startUpMs ?? profile.fleet.startUpMs,
    durationOf: (batch) => known.get(batch),
  };
  const startUp = startUpOf(planned, scenario);
  return plain(
    simulateFleet({
      batches,
      fleet: profile.fleet,
      startUp,
      memory: driver,
      free: profile.place === "local",
      startedAt,
      chunkMs: overhead.chunkMs,
    }),
    overhead,
    profile.fleet.prices ?? US_EAST_1_PRICES,
  );
}

function inOneProcess({ tasks, profile: { slots = 1 } }: Planned, scenario: Scenario): PlanOutcome {
  const rounds = (calls: number): number => Math.ceil(calls / slots);
  const wallMs = sum([...tasks.values()].map(({ calls = 0, callMs }) => rounds(calls) * callMs[scenario]));
  return { wallMs, usd: 0, peakWorkers: 0, workersOverTime: [] };
}

function plain(
  { makespanMs, usdAtEnd, chunks, here }: FleetOutcome,
  { openMs, closeMs }: PlannedOverhead,
  prices: PriceTable,
): PlanOutcome {
  return {
    wallMs: openMs + makespanMs + closeMs,
    usd: usdAtEnd + requestsUsd(chunks, prices),
    peakWorkers: here.reduce((most, { workers }) => Math.max(most, workers), 0),
    workersOverTime: [
      { atMs: 0, workers: 0 },
      ...thinned(here).flatMap(({ atMs, workers }) => (atMs === 0 ? [] : [{ atMs: openMs + atMs, workers }])),
    ],
  };
}

/** A fleet of thousands joins in thousands of steps. */
function thinned(steps: readonly WorkersAt[]): readonly WorkersAt[] {
  const every = Math.ceil(steps.length / maxSteps);
  return steps.filter((_, at) => at % every === 0 || at === steps.length - 1);
}

function requestsUsd(chunks: number, { sqsRequest, s3 }: PriceTable): number {
  const { sqs, s3Writes } = requestsPerChunk;
  return chunks * (sqs * sqsRequest + s3Writes * s3.putCopyPostList);
}

function startUpOf({ profile, memory }: Planned, scenario: Scenario): StartUp {
  const unknown = profile.place === "local" ? unknownLocalStartUpMs : unknownFargateStartUpMs;
  const { startUpMs, startUpsMs } = memory;
  if (startUpMs === undefined) return { ms: unknown[scenario], sigma: startUpSigma };
  return { ms: measuredRange(startUpsMs, startUpMs)[scenario], sigma: startUpSigma };
}

interface Load {
  readonly batches: readonly Batch[];
  /** What the driver remembers of a batch's calls, which need not be how long they take. */
  readonly known: ReadonlyMap<Batch, CallDuration>;
}

/** Stages without calls are left out; what waits for them waits for what they waited for. */
function batchesOf(planned: Planned, scenario: Scenario, readyMs: number): Load {
  const random = seeded(1);
  const places = new Map<number, readonly number[]>();
  const batches: Batch[] = [];
  const known = new Map<Batch, CallDuration>();
  for (const stage of inOrder(planned.stages)) {
    const tasks = stage.nodes.flatMap((id) => planned.tasks.get(id) ?? []);
    const calls = tasks[0]?.calls ?? 0;
    const [first, ...rest] = [...new Set(stage.after.flatMap((id) => places.get(id) ?? []))];
    if (calls === 0) {
      for (const id of stage.nodes) places.set(id, first === undefined ? [] : [first, ...rest]);
      continue;
    }
    const meanMs = sum(tasks.map(({ callMs }) => callMs[scenario]));
    const spec = {
      task: tasks.map(({ slug }) => slug).join(" > "),
      calls,
      medianMs: medianOf(meanMs),
      sigma: callSigma,
    };
    const release = first === undefined ? { atMs: readyMs } : { after: [first, ...rest] as const, delayMs: 0 };
    const batch = drawBatch(random, spec, { release, announced: true });
    const remembered = planned.memory.task(tasks[0]?.slug ?? "");
    if (remembered !== undefined) known.set(batch, remembered);
    for (const id of stage.nodes) places.set(id, [batches.length]);
    batches.push(batch);
  }
  return { batches, known };
}

/** Upstreams first: in a flow that was built task by task, a node may stand before what it waits for. */
function inOrder(stages: readonly Stage[]): readonly Stage[] {
  const stageOf = new Map(stages.flatMap((stage) => stage.nodes.map((id) => [id, stage] as const)));
  const ordered = new Set<Stage>();
  const visit = (stage: Stage): void => {
    if (ordered.has(stage)) return;
    for (const id of stage.after) {
      const upstream = stageOf.get(id);
      if (upstream !== undefined) visit(upstream);
    }
    ordered.add(stage);
  };
  for (const stage of stages) visit(stage);
  return [...ordered];
}

/** A log-normal's mean lies above its median. */
function medianOf(meanMs: number): number {
  return meanMs * Math.exp(-(callSigma ** 2) / 2);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
