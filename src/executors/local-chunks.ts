/** Runs chunks on slots of this machine: what workers get through the cloud goes through memory here. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeOwnDirectory, type OwnDirectory } from "../base/own-directory.ts";
import type { CallSlot, SlotWork } from "../slots/call-slot.ts";
import type { SlotReply, SlotStepResult } from "../slots/slot-protocol.ts";
import { InputReader } from "../slots/stored-inputs.ts";
import { MemoryStore } from "../store/memory-store.ts";
import type { WireStep } from "../wire/chunk-message.ts";
import type { WireInput } from "../wire/inputs.ts";
import { packKey } from "../wire/keys.ts";
import { type PackIndex, readLines, readTrailer } from "../wire/pack.ts";
import { toWireFacts } from "../wire/run-facts.ts";
import { decodeValue } from "../wire/values.ts";
import { bundleOf } from "./bundle-of-run.ts";
import type { Chunk } from "./chunk.ts";
import { factsInlineBytes, writeSteps } from "./chunk-writer.ts";
import type { RunContext } from "./executor.ts";
import type { KnownPack } from "./pack-results.ts";
import { StoredValues } from "./stored-values.ts";

export type ChunkEnd =
  | { readonly kind: "ran"; readonly packs: readonly KnownPack[]; readonly busyMs: number; readonly bytes: number }
  /** The flow's module does not load, or does not define the task. */
  | { readonly kind: "unusable"; readonly error: unknown };

export class LocalChunks implements AsyncDisposable {
  readonly store: MemoryStore;
  readonly #run: RunContext;
  readonly #stored: StoredValues;
  readonly #inputs: InputReader;
  readonly #facts: WireInput;
  readonly #bundle: SlotWork["bundle"];
  readonly #directory: OwnDirectory;

  /** @throws CloudburstError when the flow cannot be bundled, or a key of its context cannot travel */
  static async open(run: RunContext): Promise<LocalChunks> {
    const facts = toWireFacts(run.facts);
    const { code, sha256 } = await bundleOf(run);
    const store = new MemoryStore();
    const stored = new StoredValues(store, run.runId);
    const written = await stored.value(facts, "the run's context", factsInlineBytes);
    const directory = await makeOwnDirectory();
    const file = join(directory.path, `${sha256}.mjs`);
    await writeFile(file, code);
    return new LocalChunks(run, { store, stored, facts: written, bundle: { sha256, file }, directory });
  }

  private constructor(
    run: RunContext,
    parts: {
      readonly store: MemoryStore;
      readonly stored: StoredValues;
      readonly facts: WireInput;
      readonly bundle: SlotWork["bundle"];
      readonly directory: OwnDirectory;
    },
  ) {
    this.#run = run;
    this.store = parts.store;
    this.#stored = parts.stored;
    this.#inputs = new InputReader(parts.store);
    this.#facts = parts.facts;
    this.#bundle = parts.bundle;
    this.#directory = parts.directory;
  }

  /**
   * Runs a chunk to its end.
   *
   * @throws UnsendableValueError when an argument that all its calls share cannot travel
   * @throws the reason of the run's signal, when that aborts
   */
  async run(chunk: Chunk, slot: CallSlot): Promise<ChunkEnd> {
    const { signal, log } = this.#run;
    const steps = await writeSteps(chunk, this.#stored);
    const reply = await slot.run(await this.#workFor(chunk, steps), signal, (lines) => lines.forEach(log));
    return reply.kind === "unusable"
      ? { kind: "unusable", error: decodeValue(reply.line) }
      : await this.#keep(chunk, steps, reply);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#directory[Symbol.asyncDispose]();
  }

  async #workFor({ ranges }: Chunk, steps: readonly WireStep[]): Promise<SlotWork> {
    const read = (input: WireInput) => this.#inputs.read(input);
    const [facts, slotSteps] = await Promise.all([
      read(this.#facts),
      Promise.all(steps.map(async (step) => ({ ...step, inputs: await Promise.all(step.inputs.map(read)) }))),
    ]);
    const { runId } = this.#run;
    return { runId, facts, bundle: this.#bundle, ranges, steps: slotSteps, firstStep: 0, given: [] };
  }

  async #keep(
    { ranges }: Chunk,
    steps: readonly WireStep[],
    { results, busyMs }: Extract<SlotReply, { kind: "done" }>,
  ): Promise<ChunkEnd> {
    const packs: KnownPack[] = [];
    let bytes = 0;
    for (const [position, result] of results.entries()) {
      const step = steps[position];
      if (step === undefined) break;
      const pack = new LocalPack(packKey(this.#run.runId, step.slug, ranges), result, step.lengths);
      await this.store.put(pack.key, result.body);
      packs.push(pack);
      bytes += pack.index.bytes;
    }
    return { kind: "ran", packs, busyMs, bytes };
  }
}

/**
 * A pack whose lines are always at hand, and are only made when somebody asks: most packs are read by slots alone. Who asks
 * for one part after the other, as of a chunk with gaps, has them made once.
 */
class LocalPack implements KnownPack {
  readonly key: string;
  readonly index: PackIndex;
  readonly lengths: readonly number[] | undefined;
  readonly failures: KnownPack["failures"];
  readonly #body: Uint8Array;
  #lines: WeakRef<readonly string[]> | undefined;

  constructor(key: string, { body, index, failures, lengths }: SlotStepResult, wantsLengths: boolean) {
    this.key = key;
    this.index = index;
    this.failures = failures;
    this.lengths = wantsLengths ? (lengths ?? readTrailer(body)?.lengths) : undefined;
    this.#body = body;
  }

  get lines(): readonly string[] {
    const made = this.#lines?.deref();
    if (made !== undefined) return made;
    const lines = readLines(this.#body, this.index);
    this.#lines = new WeakRef(lines);
    return lines;
  }
}
