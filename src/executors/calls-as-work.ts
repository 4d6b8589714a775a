/** What the engine hands over, as work that is cut into chunks; and what comes of the chunks, as the engine wants it. */
import type { Store } from "../store/store.ts";
import type { Work } from "./chunk.ts";
import type { Call, CallBatch, Failure, IndexRange, Outcome, Settled } from "./executor.ts";
import {
  decodeCalls,
  decodeSingle,
  failuresOf,
  type KnownPack,
  PackSlice,
  PackValue,
  singleFailureOf,
} from "./pack-results.ts";

/** Takes work, and keeps its results. */
export interface WorkDesk {
  readonly store: Store;
  readonly add: (work: Work) => void;
}

type Result = KnownPack | Failure;

export async function submitTo(desk: WorkDesk, call: Call): Promise<Outcome> {
  return await new Promise<Outcome>((resolve, reject) => {
    desk.add({
      steps: [call.step],
      attempt: call.attempt,
      range: null,
      next: 0,
      remaining: 1,
      settle: (_step, _range, result) => resolve(outcomeOf(result, desk.store)),
      done: () => undefined,
      reject,
    });
  });
}

export async function mapTo(desk: WorkDesk, batch: CallBatch, settle: (settled: Settled) => void): Promise<void> {
  const { steps, range, attempt } = batch;
  if (range.end === range.start) return;
  await new Promise<void>((resolve, reject) => {
    desk.add({
      steps,
      attempt,
      range,
      next: range.start,
      remaining: range.end - range.start,
      settle: (step, settled, result, packRange) =>
        settle(settledOf({ step, range: settled ?? range, packRange }, result, desk.store)),
      done: resolve,
      reject,
    });
  });
}

function outcomeOf(result: Result, store: Store): Outcome {
  if ("kind" in result) return result;
  return singleFailureOf(result) ?? { kind: "success", value: new PackValue(result, store) };
}

interface SettledPart {
  readonly step: number;
  readonly range: IndexRange;
  /** The calls of the pack, where it holds more than those that are meant. */
  readonly packRange: IndexRange | undefined;
}

function settledOf({ step, range, packRange = range }: SettledPart, result: Result, store: Store): Settled {
  if (!("kind" in result)) {
    const values = new PackSlice(result, packRange, store);
    return { step, range, values, failures: within(range, failuresOf(result, packRange.start)) };
  }
  const indices = Array.from({ length: range.end - range.start }, (_, at) => range.start + at);
  return { step, range, values: indices.map(() => undefined), failures: new Map(indices.map((at) => [at, result])) };
}

function within<T>({ start, end }: IndexRange, byIndex: ReadonlyMap<number, T>): ReadonlyMap<number, T> {
  const isOutside = (index: number): boolean => index < start || index >= end;
  if (![...byIndex.keys()].some(isOutside)) return byIndex;
  return new Map([...byIndex].filter(([index]) => !isOutside(index)));
}

/** As the outcome of a call, its value included: the pack's lines are at hand. */
export function outcomeAtHand(pack: KnownPack): Outcome {
  const failure = singleFailureOf(pack);
  return failure ?? { kind: "success", value: decodeSingle(pack) };
}

/** As settled calls of a batch's first step, their values included. */
export function settledAtHand(pack: KnownPack, range: IndexRange): Settled {
  return { step: 0, range, values: decodeCalls(pack.lines ?? []), failures: failuresOf(pack, range.start) };
}
