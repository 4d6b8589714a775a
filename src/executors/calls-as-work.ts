/** What the engine hands over, as work that is cut into chunks; and what comes of the chunks, as the engine wants it. */
import type { Work } from "./chunk.ts";
import type { Call, CallBatch, Failure, IndexRange, Outcome, Settled } from "./executor.ts";
import {
  decodeCalls,
  decodeSingle,
  failuresOf,
  type KnownPack,
  type PackPlace,
  type PackReader,
  PackSlice,
  PackValue,
  singleFailureOf,
} from "./pack-results.ts";

/** Takes work, and keeps its results. */
export interface WorkDesk {
  readonly reader: PackReader;
  readonly add: (work: Work) => void;
}

type Result = PackPlace | Failure;

export async function submitTo(desk: WorkDesk, call: Call): Promise<Outcome> {
  return await new Promise<Outcome>((resolve, reject) => {
    desk.add({
      steps: [call.step],
      attempt: call.attempt,
      range: null,
      remaining: 1,
      settle: (_step, _range, result) => resolve(outcomeOf(result, desk.reader)),
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
      remaining: range.end - range.start,
      settle: (step, settled, result) => settle(settledOf(step, settled ?? range, result, desk.reader)),
      done: resolve,
      reject,
    });
  });
}

function outcomeOf(result: Result, reader: PackReader): Outcome {
  if ("kind" in result) return result;
  return singleFailureOf(result.pack) ?? { kind: "success", value: new PackValue(result.pack, reader) };
}

function settledOf(step: number, range: IndexRange, result: Result, reader: PackReader): Settled {
  if (!("kind" in result)) {
    return { step, range, values: new PackSlice(result, range, reader), failures: failuresOf(result, range) };
  }
  const indices = Array.from({ length: range.end - range.start }, (_, at) => range.start + at);
  return { step, range, values: indices.map(() => undefined), failures: new Map(indices.map((at) => [at, result])) };
}

/** As the outcome of a call, its value included: the pack's lines are at hand. */
export function outcomeAtHand(pack: KnownPack): Outcome {
  const failure = singleFailureOf(pack);
  return failure ?? { kind: "success", value: decodeSingle(pack) };
}

/** As settled calls of a batch's first step, their values included. */
export function settledAtHand(pack: KnownPack, range: IndexRange): Settled {
  return { step: 0, range, values: decodeCalls(pack.lines ?? []), failures: failuresOf({ pack, from: 0 }, range) };
}
