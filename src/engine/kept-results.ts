/**
 * Results that outlive runs: finds those that stand for calls that are about to be made, and keeps new ones.
 *
 * - K1 Only what a body returned is kept, never a failure, a skip, or what was found itself.
 * - K2 A target that exists goes before the cache. A store is asked about many calls at once.
 * - K3 What a target, a validator or a store throws fails the calls that it was asked about: to run them instead would
 *   hide that nothing is found, and spend what keeping was to save.
 */
import type { Clock } from "../base/clock.ts";
import type { TaskNode } from "../flow/graph.ts";
import type { Keeping } from "../flow/keep-options.ts";
import { namedInputs } from "../flow/named-inputs.ts";
import { parameterNames } from "../flow/parameter-names.ts";
import type { CallFacts } from "../flow/target.ts";
import { Gate, inLanes } from "./gate.ts";
import { placeInCache, type ResultCache } from "./result-cache.ts";

export interface KeptResultsParts {
  readonly cache: ResultCache;
  readonly clock: Clock;
  /** Results are written to stores. */
  readonly checkpointing: boolean;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** What targets may name of the run: `flowName`, `flowRunId`, `today`, … */
  readonly context: Readonly<Record<string, unknown>>;
}

export interface FoundResult {
  readonly value: unknown;
  readonly message: string;
}

const FROM_CACHE = "Used cached state.";
/** A store answers many at once; fewer than the sockets that the AWS SDK opens. */
export const AT_ONCE = 32;

export class KeptResults {
  readonly #parts: KeptResultsParts;
  /** Whatever is asked of stores during the run, but for listings. */
  readonly #stores = new Gate(AT_ONCE);

  constructor(parts: KeptResultsParts) {
    this.#parts = parts;
  }

  /** The arguments of the node's calls must be at hand before its results can be looked for. */
  needsArguments({ task, keeping }: TaskNode): boolean {
    if (keeping === undefined) return false;
    if (keeping.cache?.validator.usesInputs === true) return true;
    const names = new Set(parameterNames(task.run).flatMap((name) => name ?? []));
    const { target } = keeping.kept ?? {};
    // A parameter without a name is taken apart at once: its properties may be any.
    const unnamed = parameterNames(task.run).includes(undefined);
    return target !== undefined && (unnamed || target.needsInputs(names));
  }

  /** For each call the result that stands for it, or undefined. All are calls of one node. */
  async find(keeping: Keeping, calls: readonly CallFacts[]): Promise<readonly (FoundResult | undefined)[]> {
    const found = await this.#findTargets(keeping.kept, calls);
    return calls.map((call, index) => found[index] ?? this.#findCached(keeping.cache, call));
  }

  /** Keeps what a call has returned; the value is at hand. */
  async keep({ cache, kept }: Keeping, call: CallFacts, value: unknown): Promise<void> {
    if (kept?.writes === true && this.#parts.checkpointing) {
      const key = kept.target?.keyOf(call) ?? ownKey(call);
      await this.#stores.run(async () => {
        await kept.in.write(key, value);
      });
    }
    const place = cache && placeInCache(cache.key, cache.validator.fingerprint(call));
    if (place !== undefined) this.#parts.cache.add(place, value, this.#parts.clock.now() + (cache?.forMs ?? 0));
  }

  async #findTargets(
    kept: Keeping["kept"],
    facts: readonly CallFacts[],
  ): Promise<readonly (FoundResult | undefined)[]> {
    const { target } = kept ?? {};
    if (kept === undefined || target === undefined) return facts.map(() => undefined);
    const keys = facts.map((call) => target.keyOf(call));
    const among = keys.length === 1 ? new Set(keys) : await kept.in.among(keys);
    return await inLanes(keys, AT_ONCE, async (key) => {
      const read = among.has(key) ? await this.#stores.run(() => kept.in.read(key)) : undefined;
      return read && { value: read.value, message: `Result found at task target ${key}` };
    });
  }

  #findCached(cache: Keeping["cache"], facts: CallFacts): FoundResult | undefined {
    const place = cache && placeInCache(cache.key, cache.validator.fingerprint(facts));
    const found = place === undefined ? undefined : this.#parts.cache.find(place, this.#parts.clock.now());
    return found && { value: found.value, message: FROM_CACHE };
  }

  /** `args` is asked only where the node `needsArguments`. */
  factsOf(node: TaskNode, mapIndex: number | undefined, args: () => readonly unknown[]): CallFacts {
    const { parameters, context } = this.#parts;
    const own = {
      taskName: node.task.name,
      taskFullName: mapIndex === undefined ? node.task.name : `${node.task.name}[${String(mapIndex)}]`,
      taskSlug: node.slug,
      ...(mapIndex !== undefined && { mapIndex }),
    };
    const inputs = this.needsArguments(node) ? namedInputs(node.task.run, args()) : {};
    return { parameters, context: { ...context, ...own }, inputs };
  }
}

/** Where a result without a target goes: for who looks at it later. */
function ownKey({ context }: CallFacts): string {
  const { flowName, flowRunId, taskSlug, mapIndex } = context;
  const child = typeof mapIndex === "number" ? `/${String(mapIndex)}` : "";
  return `${String(flowName)}/${String(flowRunId)}/${String(taskSlug)}${child}`;
}
