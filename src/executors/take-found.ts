/**
 * Settles what drivers before this one have committed of some work, and tells what is left to do.
 *
 *  T1 A call counts as found in a step when a pack has its result, or its failure, there; and as found behind a call that
 *     failed when the pack says that it did not run. It is settled step by step, as if a chunk had just told it.
 *  T2 What is left are segments: calls that begin with the same step, and whose earlier steps have one pack each.
 */
import { countCalls, rangesWithin } from "../wire/call-ranges.ts";
import { type Segment, segmentOf, stepOf, type Work } from "./chunk.ts";
import type { IndexRange } from "./executor.ts";
import type { FoundPack, FoundResults } from "./found-results.ts";
import type { PackPlace } from "./pack-results.ts";

export interface TakeDeps {
  readonly found: FoundResults;
  /** The work has been given up meanwhile: nothing of it is told any more. */
  readonly isOver: () => boolean;
}

interface FoundPlace extends PackPlace {
  readonly pack: FoundPack;
}

/** Calls of which every step so far was found. */
interface Piece {
  readonly range: IndexRange;
  /** By step: where the results of the calls begin. */
  readonly places: readonly FoundPlace[];
}

/** How many calls were found to their last step, and what is left of the others. */
export interface Taken {
  readonly calls: number;
  readonly left: readonly Segment[];
}

export async function takeFound(work: Work, deps: TakeDeps): Promise<Taken> {
  if (work.range === null) return await takeSingle(work, deps);
  const left: Segment[] = [];
  let pieces: readonly Piece[] = [{ range: work.range, places: [] }];
  for (let step = 0; step < work.steps.length; step += 1) {
    const { slug } = stepOf(work, step);
    const found: Piece[] = [];
    // Also where nothing is to be looked for: which keys are taken must be known of every step.
    const packs = await deps.found.packs(slug, work.range);
    if (deps.isOver()) return { calls: 0, left: [] };
    for (const { range, places, own } of pieces.flatMap((piece) => partsOf(piece, packs))) {
      if (own === undefined) {
        left.push(segmentOf(work, range, places));
        continue;
      }
      work.settle(step, range, own);
      found.push({ range, places: [...places, own] });
    }
    const used = new Set(found.map(({ places }) => places.at(-1)?.pack));
    for (const pack of packs) if (isMark(pack) && !used.has(pack)) await deps.found.clearMark(slug, pack);
    pieces = found;
  }
  return { calls: pieces.reduce((sum, { range }) => sum + range.end - range.start, 0), left };
}

async function takeSingle(work: Work, { found, isOver }: TakeDeps): Promise<Taken> {
  const pack = await found.single(stepOf(work, 0).slug);
  if (isOver()) return { calls: 0, left: [] };
  if (pack === undefined) return { calls: 0, left: [segmentOf(work)] };
  work.settle(0, null, { pack, from: 0 });
  return { calls: 1, left: [] };
}

/** Some calls of a piece. */
interface Part extends Piece {
  /** Where their results in the next step begin; undefined where they were not found. */
  readonly own: FoundPlace | undefined;
}

/** The piece cut where its results come from another pack, or from none. */
function partsOf(piece: Piece, packs: readonly FoundPack[]): readonly Part[] {
  const owners = ownersOf(piece, packs);
  const parts: Part[] = [];
  for (let from = 0; from < owners.length;) {
    const owner = owners[from];
    let to = from + 1;
    while (to < owners.length && owners[to] === owner) to += 1;
    const range = { start: piece.range.start + from, end: piece.range.start + to };
    const places = piece.places.map((place) => ({ ...place, from: place.from + from }));
    parts.push({ range, places, own: owner && placeIn(owner, range.start) });
    from = to;
  }
  return parts;
}

/** For each call of the piece the pack that has its result. */
function ownersOf({ range, places }: Piece, packs: readonly FoundPack[]): readonly (FoundPack | undefined)[] {
  const owners = new Array<FoundPack | undefined>(range.end - range.start).fill(undefined);
  const previous = places.at(-1)?.pack;
  for (const pack of packs) {
    const claim = (index: number): void => {
      if (pack.notRun.has(index) && previous?.unsuccessful.has(index) !== true) return; // P2
      owners[index - range.start] ??= pack; // P3
    };
    for (const { start, end } of rangesWithin(pack.ranges, range)) {
      for (let index = start; index < end; index += 1) claim(index);
    }
  }
  return owners;
}

function placeIn(pack: FoundPack, index: number): FoundPlace {
  const [call] = rangesWithin(pack.ranges, { start: index, end: index + 1 });
  if (call === undefined) throw new RangeError(`the pack ${pack.key} has nothing of call ${String(index)}`);
  return { pack, from: call.position };
}

/** Of one call, which did not run. */
const isMark = ({ ranges, notRun }: FoundPack): boolean => countCalls(ranges) === 1 && notRun.size === 1;
