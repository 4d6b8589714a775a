/**
 * What earlier runs have measured, in a small file of the user's cache: how long workers take to start, and the calls of a
 * task. It only makes first decisions better, so that nothing that is wrong with it is ever an error.
 *
 *  P1 A file that is missing, unreadable or of another version counts as empty; one that cannot be written stays as it is.
 *  P2 It is written beside and renamed: whoever reads sees an old file or a new one. Of two processes that write in the
 *     same moment one may lose what it has measured, never what others have.
 *  P3 What has not been written for longest goes first, so that the file stays small.
 */
import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import * as z from "zod";
import type { RememberedTask } from "./scaling-work.ts";

const fileName = "past-runs.json";
/** With some 120 bytes each the file stays below 300 KB. */
const maxTasks = 2_000;
const maxWorkers = 100;
/** Of a task's mean and of a start-up: what the latest runs have measured, from which plans tell how far they vary. */
const maxMeasured = 5;
/** Larger ones are not ours. */
const maxFileBytes = 4 * 1024 * 1024;

const ms = z.number().nonnegative();
/** The latest first; files from before such lists were kept have none. */
const measured = z.array(ms).max(maxMeasured).readonly().default([]);
const overhead = z.object({ openMs: ms, readyMs: ms, closeMs: ms, chunkMs: ms.optional() });
const schema = z.object({
  v: z.literal(1),
  workers: z.record(
    z.string(),
    z.object({
      startUpMs: ms,
      startUpsMs: measured,
      overheads: z.array(overhead).max(maxMeasured).readonly().default([]),
      at: ms,
    }),
  ),
  tasks: z.record(
    z.string(),
    z.object({ meanMs: ms, meansMs: measured, tailMs: ms, calls: z.number().int().nonnegative(), at: ms }),
  ),
});
type Contents = z.infer<typeof schema>;
type KnownWorkers = Contents["workers"][string];
type KnownTask = Contents["tasks"][string];

/** What a run takes besides its workers' start-up and its calls. */
export interface RunOverhead {
  /** Until the first workers are requested. */
  readonly openMs: number;
  /** From then until calls can be handed out: the code is bundled and stored. Workers start meanwhile. */
  readonly readyMs: number;
  /** From the last result to the run's end. */
  readonly closeMs: number;
  /** Of each chunk, besides its calls: it is fetched, its results are stored and told. */
  readonly chunkMs?: number | undefined;
}

/** What one run has measured. */
export interface RunMeasurements {
  readonly flowName: string;
  /** Image and size of its workers. */
  readonly workerKind: string;
  readonly startUpMs: number | undefined;
  readonly overhead?: RunOverhead | undefined;
  /** By slug. */
  readonly tasks: ReadonlyMap<string, RememberedTask>;
}

/** What is known of a flow on one kind of worker. */
export interface KnownFlow {
  /** Of the latest run. */
  readonly startUpMs: number | undefined;
  /** Of the latest runs, the last one first. */
  readonly startUpsMs: readonly number[];
  /** Medians of the latest runs. */
  readonly overhead: RunOverhead | undefined;
  readonly task: (slug: string) => (RememberedTask & { readonly meansMs?: readonly number[] }) | undefined;
}

export const nothingKnown: KnownFlow = {
  startUpMs: undefined,
  startUpsMs: [],
  overhead: undefined,
  task: () => undefined,
};

export class PastRuns {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async recall(flowName: string, workerKind: string): Promise<KnownFlow> {
    const { workers, tasks } = await this.#read();
    const { startUpMs, startUpsMs = [], overheads = [] } = own(workers, workerKind) ?? {};
    return {
      startUpMs,
      startUpsMs,
      overhead: usualOverhead(overheads),
      task: (slug) => own(tasks, taskKey(workerKind, flowName, slug)),
    };
  }

  /** The same where the kind of worker is known in part only: of those that suit, what the flow was last run on. */
  async recallOn(flowName: string, suits: (workerKind: string) => boolean): Promise<KnownFlow> {
    const { tasks } = await this.#read();
    const kinds = Object.entries(tasks).flatMap(([key, { at }]) => {
      const [kind, flow] = JSON.parse(key) as [string, string];
      return flow === flowName && suits(kind) ? [{ kind, at }] : [];
    });
    const [latestKind] = kinds.sort((a, b) => b.at - a.at);
    return latestKind === undefined ? nothingKnown : await this.recall(flowName, latestKind.kind);
  }

  /** Never rejects (P1). */
  async remember(run: RunMeasurements, now: number): Promise<void> {
    const { workers, tasks } = await this.#read();
    await this.#write({
      v: 1,
      workers: latest({ ...workers, ...Object.fromEntries(workersOf(run, workers, now)) }, maxWorkers),
      tasks: latest({ ...tasks, ...Object.fromEntries(tasksOf(run, tasks, now)) }, maxTasks),
    }).catch(() => undefined);
  }

  async #read(): Promise<Contents> {
    try {
      const text = await readFile(join(this.#directory, fileName), "utf8");
      if (text.length <= maxFileBytes) return schema.parse(JSON.parse(text));
    } catch {
      // P1: read as empty
    }
    return { v: 1, workers: {}, tasks: {} };
  }

  async #write(contents: Contents): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const beside = join(this.#directory, `.${fileName}.${randomUUID()}`);
    try {
      await writeFile(beside, JSON.stringify(contents), { mode: 0o600 });
      await rename(beside, join(this.#directory, fileName)); // P2
    } catch (error) {
      await rm(beside, { force: true }).catch(() => undefined); // the reason why it was not written counts
      throw error;
    }
  }
}

/** None where no worker of the run has said hello. */
function workersOf(
  { workerKind, startUpMs, overhead }: RunMeasurements,
  before: Contents["workers"],
  at: number,
): [string, KnownWorkers][] {
  if (startUpMs === undefined) return [];
  const known = own(before, workerKind);
  const startUpsMs = [startUpMs, ...(known?.startUpsMs ?? [])].slice(0, maxMeasured);
  const overheads = [...(overhead === undefined ? [] : [overhead]), ...(known?.overheads ?? [])].slice(0, maxMeasured);
  return [[workerKind, { startUpMs, startUpsMs, overheads, at }]];
}

function usualOverhead(measured: readonly RunOverhead[]): RunOverhead | undefined {
  if (measured.length === 0) return undefined;
  const usual = (of: (each: RunOverhead) => number | undefined): number | undefined => {
    const values = measured.flatMap((each) => of(each) ?? []).sort((a, b) => a - b);
    return values[Math.floor(values.length / 2)];
  };
  return {
    openMs: usual(({ openMs }) => openMs) ?? 0,
    readyMs: usual(({ readyMs }) => readyMs) ?? 0,
    closeMs: usual(({ closeMs }) => closeMs) ?? 0,
    chunkMs: usual(({ chunkMs }) => chunkMs),
  };
}

function tasksOf(
  { workerKind, flowName, tasks }: RunMeasurements,
  before: Contents["tasks"],
  at: number,
): [string, KnownTask][] {
  return [...tasks].map(([slug, { meanMs, tailMs, calls }]) => {
    const key = taskKey(workerKind, flowName, slug);
    const meansMs = [meanMs, ...(own(before, key)?.meansMs ?? [])].slice(0, maxMeasured);
    return [key, { meanMs, meansMs, tailMs, calls, at }];
  });
}

/** `$XDG_CACHE_HOME/cloudburst`, else `~/.cache/cloudburst`. */
export function cacheDirectory(env: NodeJS.ProcessEnv): string {
  const given = env["XDG_CACHE_HOME"];
  // The XDG specification has relative paths ignored.
  return join(given !== undefined && isAbsolute(given) ? given : join(homedir(), ".cache"), "cloudburst");
}

function taskKey(workerKind: string, flowName: string, slug: string): string {
  return JSON.stringify([workerKind, flowName, slug]);
}

/** Names come from users: `constructor` is one that every object seems to have. */
function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** P3 */
function latest<T extends { readonly at: number }>(
  entries: Readonly<Record<string, T>>,
  most: number,
): Record<string, T> {
  const sorted = Object.entries(entries).sort(([, a], [, b]) => b.at - a.at);
  return Object.fromEntries(sorted.slice(0, most));
}
