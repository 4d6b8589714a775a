/** A recorded run as a load for the simulated world: what was called, how long it took, and what had to wait for what. */
import { InvalidOptionError } from "../base/errors.ts";
import type { ChunkBin } from "../observe/chunk-bins.ts";
import type { RunRecord } from "../observe/run-record.ts";
import type { StartUp } from "./fleet-run.ts";
import { seeded } from "./random.ts";
import type { Batch, Release } from "./trace.ts";

interface Group {
  readonly slugs: readonly string[];
  readonly bins: ChunkBin[];
}

/** @throws InvalidOptionError for a run in which nothing was committed */
export function replayOf(record: RunRecord): readonly Batch[] {
  const groups = groupsOf(record);
  if (groups.length === 0) {
    throw new InvalidOptionError(
      `run ${record.header.runId} has no committed calls in its record: there is nothing to replay`,
    );
  }
  const upstreams = new Map(record.header.tasks.map(({ slug, after }) => [slug, after]));
  const ordered = inOrder(groups, upstreams);
  const places = new Map(ordered.flatMap(({ slugs }, at) => slugs.map((slug) => [slug, at] as const)));
  return ordered.map((group, at) => batchOf(group, releaseOf(group, at, places, upstreams)));
}

/** Median and spread of what the workers of the run took to start. */
export function startUpOf({ workers }: RunRecord): StartUp | undefined {
  const times = workers.flatMap(({ startUpMs }) => startUpMs ?? []).filter((ms) => ms > 0);
  const sorted = times.sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  if (median === undefined) return undefined;
  const variance = sorted.reduce((sum, ms) => sum + Math.log(ms / median) ** 2, 0) / sorted.length;
  return { ms: median, sigma: Math.sqrt(variance) };
}

/** A call that was made again travels under a slug with a mark behind it: it is one more call of the same stage. */
function withoutMark(slug: string): string {
  return slug.split("~")[0] ?? slug;
}

/** Chains by their first step: what was made again from the middle of a chain belongs to the whole. */
function groupsOf({ chunks }: RunRecord): readonly Group[] {
  const groups = new Map<string, { slugs: string[]; bins: ChunkBin[] }>();
  const sorted = [...chunks].sort((a, b) => b.slugs.length - a.slugs.length);
  for (const { slugs, bins } of sorted) {
    const plain = slugs.map(withoutMark);
    const key =
      [...groups.keys()].find((known) => groups.get(known)?.slugs.includes(plain[0] ?? "")) ?? plain.join("\n");
    const group = groups.get(key) ?? { slugs: plain, bins: [] };
    groups.set(key, group);
    group.bins.push(...bins);
  }
  return [...groups.values()];
}

type Upstreams = ReadonlyMap<string, readonly string[]>;

function inOrder(groups: readonly Group[], upstreams: Upstreams): readonly Group[] {
  const groupOf = new Map(groups.flatMap((group) => group.slugs.map((slug) => [slug, group] as const)));
  const ordered = new Set<Group>();
  const seen = new Set<string>();
  const visit = (slug: string): void => {
    if (seen.has(slug)) return;
    seen.add(slug);
    const group = groupOf.get(slug);
    for (const member of group?.slugs ?? [slug]) for (const upstream of upstreams.get(member) ?? []) visit(upstream);
    if (group !== undefined) ordered.add(group);
  };
  for (const { slugs } of groups) for (const slug of slugs) visit(slug);
  return [...ordered];
}

/** After the nearest upstreams that had calls. */
function releaseOf({ slugs }: Group, own: number, places: ReadonlyMap<string, number>, upstreams: Upstreams): Release {
  const after = new Set<number>();
  const seen = new Set<string>(slugs);
  const look = (slug: string): void => {
    for (const upstream of upstreams.get(slug) ?? []) {
      if (seen.has(upstream)) continue;
      seen.add(upstream);
      const place = places.get(upstream);
      if (place === undefined) look(upstream);
      else if (place < own) after.add(place);
    }
  };
  for (const slug of slugs) look(slug);
  const [first, ...rest] = after;
  return first === undefined ? { atMs: 0 } : { after: [first, ...rest], delayMs: 0 };
}

/** The calls of all bins, in an order of chance that is the same every time. */
function batchOf({ slugs, bins }: Group, release: Release): Batch {
  const calls = Float64Array.from(
    bins.flatMap(([, , count, busyMs]) => Array.from({ length: count }, () => busyMs / count)),
  );
  shuffle(calls);
  const sums = new Float64Array(calls.length + 1);
  for (const [at, callMs] of calls.entries()) sums[at + 1] = (sums[at] ?? 0) + callMs;
  return { task: slugs.join(" > "), sums, release, announced: true, foreign: false, phase: 0 };
}

function shuffle(values: Float64Array): void {
  const random = seeded(1);
  for (let last = values.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const kept = values[last] ?? 0;
    values[last] = values[other] ?? 0;
    values[other] = kept;
  }
}
