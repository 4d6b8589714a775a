/**
 * What drivers before this one have left of a run that is resumed: the packs that are in the store already.
 *
 *  P1 The packs of a task are listed once, when its first calls are handed over. Nobody else commits any from then on: the
 *     drivers before have lost the run, and their workers with them.
 *  P2 A fence is no result, and neither is the mark of a call that did not run behind one that failed in another place.
 *  P3 A call of which several packs have a result takes that of the first in the order of keys, whoever asks.
 */
import { CloudburstError } from "../base/errors.ts";
import { inParallel } from "../queue/in-parallel.ts";
import type { Store } from "../store/store.ts";
import { CallIndices, type CallRanges } from "../wire/call-ranges.ts";
import { hullOfPackKey, packKey, packPrefix } from "../wire/keys.ts";
import { notRunMark } from "../wire/pack.ts";
import type { IndexRange } from "./executor.ts";
import { isSuccess, type KnownPack, readPack } from "./pack-results.ts";

/** A pack, and which calls it has lines for. */
export interface FoundPack extends KnownPack {
  readonly ranges: CallRanges;
  /** Call indices that failed or did not run, and of these the ones that did not run. */
  readonly unsuccessful: ReadonlySet<number>;
  readonly notRun: ReadonlySet<number>;
}

interface Listed {
  readonly key: string;
  /** From the first to behind the last call; only the pack itself tells the gaps between them. */
  readonly hull: IndexRange;
}

interface Listing {
  /** In the order of keys: by the first call, then by the last. */
  readonly packs: readonly Listed[];
  /** The farthest end of a pack up to this one: where to begin to look. */
  readonly ends: readonly number[];
  readonly keys: Set<string>;
}

/** Packs that are read at once. */
const maxReads = 32;
/** Lines up to this size are kept, as those that come with notices are. */
const keptBytes = 24 * 1024;

export class FoundResults {
  readonly #store: Store;
  readonly #runId: string;
  readonly #listings = new Map<string, Promise<Listing>>();
  readonly #listed = new Map<string, Listing>();
  readonly #packs = new Map<string, Promise<FoundPack | undefined>>();

  constructor(store: Store, runId: string) {
    this.#store = store;
    this.#runId = runId;
  }

  /** The result of a plain call. */
  async single(slug: string): Promise<KnownPack | undefined> {
    const pack = await readPack(this.#store, packKey(this.#runId, slug, null));
    return pack?.lines?.[0] === notRunMark ? undefined : pack;
  }

  /** All packs that have results of some of these calls, in order (P1). Others, whose calls are around these, may be among them. */
  async packs(slug: string, range: IndexRange): Promise<readonly FoundPack[]> {
    const { packs, ends } = await this.#listing(slug);
    const overlapping: Listed[] = [];
    for (let at = firstAbove(ends, range.start); at < packs.length; at += 1) {
      const listed = packs[at];
      if (listed === undefined || listed.hull.start >= range.end) break;
      if (listed.hull.end > range.start) overlapping.push(listed);
    }
    const read = await inParallel(overlapping, maxReads, undefined, (listed) => this.#read(listed));
    return read.flatMap((pack) => pack ?? []);
  }

  /** Whether there is a pack under the key of just these calls: a chunk of them could commit nothing. */
  isTaken(slug: string, ranges: CallRanges): boolean {
    return this.#listed.get(slug)?.keys.has(packKey(this.#runId, slug, ranges)) === true;
  }

  /** Makes room for the result of one call that did not run. Nobody has any use for its mark, and nobody writes it again (P1). */
  async clearMark(slug: string, { key }: FoundPack): Promise<void> {
    const { keys } = await this.#listing(slug);
    if (!keys.delete(key)) return;
    await this.#store.delete([key]);
  }

  async #listing(slug: string): Promise<Listing> {
    let listing = this.#listings.get(slug);
    if (listing === undefined) {
      listing = this.#list(slug);
      this.#listings.set(slug, listing);
    }
    return await listing;
  }

  async #list(slug: string): Promise<Listing> {
    const packs: Listed[] = [];
    const ends: number[] = [];
    const keys = new Set<string>();
    for await (const key of this.#store.list(packPrefix(this.#runId, slug))) {
      const hull = hullOfPackKey(key);
      if (hull === undefined) continue;
      packs.push({ key, hull });
      ends.push(Math.max(ends.at(-1) ?? 0, hull.end));
      keys.add(key);
    }
    const listing = { packs, ends, keys };
    this.#listed.set(slug, listing);
    return listing;
  }

  /** Undefined for a fence (P2). Several batches may take parts of one pack: it is read once. */
  async #read(listed: Listed): Promise<FoundPack | undefined> {
    let pack = this.#packs.get(listed.key);
    if (pack === undefined) {
      pack = readFound(this.#store, listed);
      this.#packs.set(listed.key, pack);
    }
    return await pack;
  }
}

async function readFound(store: Store, { key, hull }: Listed): Promise<FoundPack | undefined> {
  const pack = await readPack(store, key);
  if (pack === undefined || pack.trailer.split !== undefined) return undefined;
  const { index, lengths, lines = [] } = pack;
  const ranges = pack.trailer.ranges ?? [hull];
  const calls = new CallIndices(ranges);
  if (lines.length !== calls.count) {
    throw new CloudburstError("bad_pack", `the pack ${key} has ${String(lines.length)} results`, { data: { key } });
  }
  const failures: [number, string][] = [];
  const notRun = new Set<number>();
  for (const [position, line] of lines.entries()) {
    if (isSuccess(line)) continue;
    failures.push([position, line]);
    if (line === notRunMark) notRun.add(calls.at(position));
  }
  const unsuccessful = new Set(failures.map(([position]) => calls.at(position)));
  const kept = index.bytes <= keptBytes ? lines : undefined;
  return { key, ranges, index, lengths, failures, unsuccessful, notRun, lines: kept };
}

/** The first position whose number is above `bound`; the numbers never fall. */
function firstAbove(numbers: readonly number[], bound: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? 0) > bound) high = middle;
    else low = middle + 1;
  }
  return low;
}
