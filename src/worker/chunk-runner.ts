/**
 * What happens to one chunk in a worker: run, commit, tell.
 *
 *  W1 A pack is committed with "first wins"; what the store holds counts, not what this worker computed (I2).
 *  W2 A later step is computed from the committed result of the step before it, also when another worker committed that.
 *     A fence is nobody's result: the chunk was split, and what it holds is run by others (I8).
 *  W3 The notice goes out after the last commit; the caller acknowledges the message after that (I1).
 */
import type { RequestCounts } from "../aws/request-counter.ts";
import { CloudburstError } from "../base/errors.ts";
import type { LogLine } from "../base/log-line.ts";
import type { Store } from "../store/store.ts";
import { type ChunkMessage, type WireStep, wireSteps } from "../wire/chunk-message.ts";
import { packKey } from "../wire/keys.ts";
import type { Notice, NoticeLog, StepResult } from "../wire/notice.ts";
import { readLines, readTrailer } from "../wire/pack.ts";
import { ChunkLog } from "./chunk-log.ts";
import type { Bundles } from "./bundles.ts";
import type { LogTaker, SlotWork } from "../slots/call-slot.ts";
import type { SlotInput, SlotReply, SlotStepResult } from "../slots/slot-protocol.ts";
import type { InputReader } from "../slots/stored-inputs.ts";

/**
 * Deliveries after which a chunk may be what ends its workers (I8): the first, and two after lost leases. One lost
 * lease is nothing special on Spot capacity.
 */
const suspectDeliveries = 3;

export interface ChunkRunnerDeps {
  readonly workerId: string;
  readonly store: Store;
  readonly bundles: Bundles;
  readonly inputs: InputReader;
  /** Runs the calls on a slot, when one is free. */
  readonly run: (work: SlotWork, log: LogTaker) => Promise<SlotReply>;
  /** Puts a line of the log on the container's output. */
  readonly print: (runId: string, line: LogLine) => void;
  readonly tell: (queueUrl: string, notice: Notice) => Promise<void>;
  readonly takeRequests: () => RequestCounts;
}

export async function runChunk(message: ChunkMessage, deliveries: number, deps: ChunkRunnerDeps): Promise<void> {
  const about = { v: 1, runId: message.runId, worker: deps.workerId, chunk: message.chunk } as const;
  if (deliveries >= suspectDeliveries) {
    await deps.tell(message.notices, { ...about, kind: "suspect", deliveries });
    return;
  }
  const steps = await stepsOf(message, deps.store);
  const outcome = await runAndCommit(message, steps, deliveries, deps);
  if (outcome.kind === "split") return; // the driver knows: it wrote the fence
  await deps.tell(
    message.notices,
    outcome.kind === "unusable"
      ? { ...about, kind: "failed", error: outcome.line }
      : {
          ...about,
          kind: "committed",
          results: outcome.results,
          busyMs: outcome.busyMs,
          log: outcome.log,
          requests: deps.takeRequests(),
        },
  );
}

type ChunkOutcome =
  | {
      readonly kind: "committed";
      readonly results: StepResult[];
      readonly busyMs: number;
      readonly log?: NoticeLog | undefined;
    }
  | { readonly kind: "unusable"; readonly line: string }
  | { readonly kind: "split" };

async function runAndCommit(
  message: ChunkMessage,
  steps: readonly WireStep[],
  deliveries: number,
  deps: ChunkRunnerDeps,
): Promise<ChunkOutcome> {
  const [file, facts, slotSteps] = await Promise.all([
    deps.bundles.file(message.bundle),
    deps.inputs.read(message.facts),
    Promise.all(steps.map(async (step) => ({ ...step, inputs: await readInputs(step, deps.inputs) }))),
  ]);
  const results: StepResult[] = [];
  let given = deliveries > 1 ? await committedLines(message, steps, deps.store) : [];
  const log = new ChunkLog((line) => deps.print(message.runId, line));
  let busyMs = 0;
  for (;;) {
    if (given === "split") return { kind: "split" };
    results.splice(given.length);
    while (results.length < given.length) results.push({});
    if (given.length === steps.length) return { kind: "committed", results, busyMs, log: log.notice };
    const work: SlotWork = {
      runId: message.runId,
      facts,
      bundle: { sha256: message.bundle, file },
      ranges: message.ranges,
      steps: slotSteps,
      firstStep: given.length,
      given,
    };
    const reply = await deps.run(work, log.add);
    if (reply.kind === "unusable") return reply;
    busyMs += reply.busyMs;
    const committed = await commit(message, steps.slice(given.length), reply.results, deps.store);
    results.push(...committed);
    if (results.length === steps.length) return { kind: "committed", results, busyMs, log: log.notice };
    given = await committedLines(message, steps, deps.store); // W2: somebody else's result came first
  }
}

async function stepsOf(message: ChunkMessage, store: Store): Promise<readonly WireStep[]> {
  if (Array.isArray(message.steps)) return message.steps;
  const body = await store.get(message.steps.key);
  if (body === undefined)
    throw new CloudburstError("input_missing", `the steps ${message.steps.key} are not in the bucket`);
  return wireSteps.parse(JSON.parse(Buffer.from(body).toString("utf8")));
}

async function readInputs(step: WireStep, inputs: InputReader): Promise<SlotInput[]> {
  return await Promise.all(step.inputs.map((input) => inputs.read(input)));
}

/** Commits in order; ends early, and tells fewer results, when a step before the last had a result already. */
async function commit(
  message: ChunkMessage,
  steps: readonly WireStep[],
  results: readonly SlotStepResult[],
  store: Store,
): Promise<StepResult[]> {
  const told: StepResult[] = [];
  for (const [position, step] of steps.entries()) {
    const result = results[position];
    if (result === undefined) break;
    const written = await store.putOnce(packKey(message.runId, step.slug, message.ranges), result.body);
    told.push(written === "written" ? stepResult(result) : {});
    if (written === "exists") break;
  }
  return told;
}

function stepResult(result: SlotStepResult): StepResult {
  return {
    index: result.index,
    ...(result.lines && { lines: [...result.lines] }),
    ...(result.failures && { failures: result.failures.map(([position, line]): [number, string] => [position, line]) }),
    ...(result.lengths && { lengths: [...result.lengths] }),
  };
}

/** The lines of the leading steps that are committed already, unless a fence is among them. */
async function committedLines(
  message: ChunkMessage,
  steps: readonly WireStep[],
  store: Store,
): Promise<string[][] | "split"> {
  const lines: string[][] = [];
  for (const step of steps) {
    const pack = await store.get(packKey(message.runId, step.slug, message.ranges));
    const trailer = pack && readTrailer(pack);
    if (pack === undefined || trailer === undefined) break;
    if (trailer.split !== undefined) return "split";
    lines.push(readLines(pack, trailer));
  }
  return lines;
}
