/**
 * What is kept of a run on the driver's machine: JSON lines, a `run` line first, an `end` line last unless the driver
 * died. Times are milliseconds since the run began, `startedAt` and `finishBy` since the epoch. A change that an older
 * reader would misunderstand takes another version.
 */
import * as z from "zod";

export const recordVersion = 1;

const count = z.int().min(0);
const ms = z.number().min(0);

const profile = z.object({
  place: z.enum(["in-process", "local", "fargate", "shared", "custom"]),
  reopening: z
    .object({ options: z.record(z.string(), z.unknown()), withheld: z.array(z.string()).readonly() })
    .optional(),
  fleet: z
    .object({
      minimum: count,
      maximum: count.nullable(),
      slotsPerWorker: z.int().min(1),
      targetDurationMs: ms,
      intervalMs: z.number().positive(),
      waitCount: z.int().min(1),
      finishBy: ms.optional(),
      budgetUsd: z.number().optional(),
      spot: z.boolean(),
      fallBack: z.boolean(),
      worker: z.object({
        vcpu: z.number().positive(),
        memoryGb: z.number().positive(),
        architecture: z.enum(["x86", "arm64"]),
        publicIpv4: z.boolean(),
      }),
      usdPerHour: z.object({ spot: z.number().min(0), "on-demand": z.number().min(0) }),
      startUpMs: ms.optional(),
      assumed: z.array(z.string()).readonly(),
    })
    .optional(),
});

const task = z.object({
  slug: z.string(),
  name: z.string(),
  mapped: z.boolean(),
  /** Slugs of the tasks that it takes results from or merely waits for. */
  after: z.array(z.string()),
});

const run = z.object({
  type: z.literal("run"),
  version: z.literal(recordVersion),
  runId: z.string().min(1),
  flow: z.string(),
  startedAt: ms,
  executor: z.string(),
  /** Absolute path of the file that defined the flow. */
  file: z.string().optional(),
  profile,
  tasks: z.array(task),
});

/** The width of a task became known. */
const calls = z.object({ type: z.literal("calls"), at: ms, slug: z.string(), calls: count });

const cluster = z.object({
  type: z.literal("cluster"),
  at: ms,
  description: z.string(),
  workers: count,
  slots: count,
});

const decision = z.object({
  type: z.literal("decision"),
  at: ms,
  target: count,
  workers: count,
  pending: count,
  winner: z.string(),
  /** JSON has no infinity: null stands for a bound that is none. */
  bounds: z.array(z.object({ name: z.string(), value: z.number().nullable() })),
  sentence: z.string(),
});

const worker = z.object({
  type: z.literal("worker"),
  at: ms,
  what: z.enum(["joined", "left", "lost"]),
  id: z.string(),
  startUpMs: ms.optional(),
  reason: z.string().optional(),
});

/** Chunks that were committed since the last such line, by how long a call in them took: `[bin, chunks, calls, busyMs]`. */
const chunks = z.object({
  type: z.literal("chunks"),
  /** When the last of them was committed. */
  at: ms,
  slugs: z.array(z.string()).min(1),
  bins: z.array(z.tuple([z.int(), count, count, ms])),
});

const warning = z.object({ type: z.literal("warning"), at: ms, message: z.string() });

const costs = z.object({
  totalUsd: z.number(),
  items: z.array(z.object({ service: z.string(), basis: z.string(), usd: z.number() })),
  /** Whose prices these are, in words. */
  prices: z.string().optional(),
});

const end = z.object({
  type: z.literal("end"),
  at: ms,
  kind: z.string(),
  message: z.string(),
  /** Undefined for a run that never came to its cluster. */
  report: z
    .object({
      workers: count,
      slots: count,
      chunks: count,
      duplicates: count,
      busyMs: ms,
      chunkMs: ms.optional(),
      launches: count.optional(),
      limitedBy: z.string().optional(),
    })
    .optional(),
  cost: costs.optional(),
});

export const recordLine = z.discriminatedUnion("type", [run, calls, cluster, decision, worker, chunks, warning, end]);

export type RecordLine = z.infer<typeof recordLine>;
export type RecordHeader = z.infer<typeof run>;
export type RecordedTask = z.infer<typeof task>;
export type RecordedCluster = z.infer<typeof cluster>;
export type RecordedDecision = z.infer<typeof decision>;
export type RecordedWorker = z.infer<typeof worker>;
export type RecordedChunks = z.infer<typeof chunks>;
export type RecordedEnd = z.infer<typeof end>;

/** A record that was read. */
export interface RunRecord {
  readonly header: RecordHeader;
  /** Calls that each task turned out to have, by slug. */
  readonly calls: ReadonlyMap<string, number>;
  /** Undefined when it was never opened. */
  readonly cluster: RecordedCluster | undefined;
  readonly decisions: readonly RecordedDecision[];
  readonly workers: readonly RecordedWorker[];
  readonly chunks: readonly RecordedChunks[];
  readonly warnings: readonly string[];
  /** Undefined while the run goes on, or when its driver died. */
  readonly end: RecordedEnd | undefined;
}

export function foldRecord(header: RecordHeader, lines: readonly RecordLine[]): RunRecord {
  const ofType = <T extends RecordLine["type"]>(type: T) =>
    lines.filter((line): line is Extract<RecordLine, { type: T }> => line.type === type);
  const widths = new Map<string, number>();
  for (const line of ofType("calls")) widths.set(line.slug, (widths.get(line.slug) ?? 0) + line.calls);
  return {
    header,
    calls: widths,
    cluster: ofType("cluster")[0],
    decisions: ofType("decision"),
    workers: ofType("worker"),
    chunks: ofType("chunks"),
    warnings: ofType("warning").map(({ message }) => message),
    end: ofType("end")[0],
  };
}
