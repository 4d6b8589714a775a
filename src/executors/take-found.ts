/**
 * Settles what drivers before this one have committed of some work, and tells what is left to do.
 *
 *  T1 A call counts as found in a step when a pack has its result, or its failure, there; and as found behind a call that
 *     failed when the pack says that it did not run. It is settled step by step, as if a chunk had just told it.
 *  T2 What is left are segments: calls that begin with the same step, and whose earlier steps have one pack each.
 */
import { type Segment, stepOf, type Work } from "./chunk.ts";
import type { IndexRange } from "./executor.ts";
import type { FoundPack, FoundResults } from "./found-results.ts";
import { PackSlice } from "./pack-results.ts";
import type { Store } from "../store/store.ts";

export interface TakeDeps {
  readonly found: FoundResults;
  readonly store: Store;
  /** The work has been given up meanwhile: nothing of it is told any more. */
  readonly isOver: () => boolean;
}

/** Calls of which every step so far was found. */
interface Piece {
  readonly range: IndexRange;
  /** By step. */
  readonly packs: readonly FoundPack[];
}

/** How many calls were found to their last step, and what is left of the others. */
export interface Taken {
  readonly calls: number;
  readonly left: readonly Segment[];
}

export async function takeFound(work: Work, deps: TakeDeps): Promise<Taken> {
  if (work.range === null) return await takeSingle(work, deps);
  const left: Segment[] = [];
  let pieces: readonly Piece[] = [{ range: work.range, packs: [] }];
  for (let step = 0; step < work.steps.length; step += 1) {
    const { slug } = stepOf(work, step);
    const found: Piece[] = [];
    // Also where nothing is to be looked for: which keys are taken must be known of every step.
    const packs = await deps.found.packs(slug, work.range);
    if (deps.isOver()) return { calls: 0, left: [] };
    for (const { before, range, pack } of pieces.flatMap((piece) => partsOf(piece, packs))) {
      if (pack === undefined) {
        left.push(segmentOf(work, range, step, before, deps.store));
        continue;
      }
      work.settle(step, range, pack, pack.range);
      found.push({ range, packs: [...before, pack] });
    }
    const used = new Set(found.map((piece) => piece.packs.at(-1)));
    for (const pack of packs) if (isMark(pack) && !used.has(pack)) await deps.found.clearMark(slug, pack.range.start);
    pieces = found;
  }
  return { calls: pieces.reduce((sum, { range }) => sum + range.end - range.start, 0), left };
}

async function takeSingle(work: Work, { found, isOver }: TakeDeps): Promise<Taken> {
  const pack = await found.single(stepOf(work, 0).slug);
  if (isOver()) return { calls: 0, left: [] };
  if (pack === undefined) return { calls: 0, left: [{ ...jobOf(work, null), work, firstStep: 0, prior: [] }] };
  work.settle(0, null, pack);
  return { calls: 1, left: [] };
}

interface Part {
  readonly range: IndexRange;
  /** Of the steps before. */
  readonly before: readonly FoundPack[];
  /** Undefined where the calls were not found. */
  readonly pack: FoundPack | undefined;
}

/** The piece cut where its results come from another pack, or from none. */
function partsOf({ range, packs: before }: Piece, packs: readonly FoundPack[]): readonly Part[] {
  const owners = new Array<FoundPack | undefined>(range.end - range.start).fill(undefined);
  const previous = before.at(-1);
  for (const pack of packs) {
    const end = Math.min(pack.range.end, range.end);
    for (let index = Math.max(pack.range.start, range.start); index < end; index += 1) {
      if (pack.notRun.has(index) && !(previous !== undefined && failedIn(previous, index))) continue; // P2
      owners[index - range.start] ??= pack; // P3
    }
  }
  const parts: Part[] = [];
  for (let from = 0; from < owners.length;) {
    let to = from + 1;
    while (to < owners.length && owners[to] === owners[from]) to += 1;
    parts.push({ range: { start: range.start + from, end: range.start + to }, before, pack: owners[from] });
    from = to;
  }
  return parts;
}

/** Of one call, which did not run. */
const isMark = ({ range, notRun }: FoundPack): boolean => range.end - range.start === 1 && notRun.size === 1;

const failures = new WeakMap<FoundPack, ReadonlySet<number>>();

/** Whether the call failed there, or did not run. */
function failedIn(pack: FoundPack, index: number): boolean {
  let failed = failures.get(pack);
  if (failed === undefined) {
    failed = new Set((pack.failures ?? []).map(([position]) => pack.range.start + position));
    failures.set(pack, failed);
  }
  return failed.has(index);
}

function segmentOf(
  work: Work,
  range: IndexRange,
  firstStep: number,
  packs: readonly FoundPack[],
  store: Store,
): Segment {
  const prior = packs.map((pack) => new PackSlice(pack, pack.range, store));
  return { ...jobOf(work, range), work, firstStep, prior };
}

function jobOf(work: Work, range: IndexRange | null): Pick<Segment, "steps" | "range" | "next"> {
  return { steps: work.steps, range, next: range?.start ?? 0 };
}
