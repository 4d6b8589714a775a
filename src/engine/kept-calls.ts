/**
 * Calls whose results may be kept from run to run: what is found ends a call before it is handed to the executor, and what
 * a body returned is kept before the call ends.
 */
import { toError } from "../base/errors.ts";
import { type Executor, RemoteValue, type Step } from "../executors/executor.ts";
import type { TaskNode } from "../flow/graph.ts";
import type { CallFacts } from "../flow/target.ts";
import { breaking, type CallState, type Ending } from "./call-state.ts";
import { homeArguments } from "./home-inputs.ts";
import type { KeptResults } from "./kept-results.ts";
import { around } from "./ranges.ts";

/** Which child; undefined for a plain task. */
type Index = number | undefined;

export class KeptCalls {
  readonly #kept: KeptResults;
  readonly #executor: Executor;
  /** Of calls that were looked for and not found, until their results are kept. */
  readonly #facts = new Map<string, CallFacts>();

  constructor(kept: KeptResults, executor: Executor) {
    this.#kept = kept;
    this.#executor = executor;
  }

  /** For each call how it ends without being run; undefined: it is to be run. */
  async find(node: TaskNode, step: () => Step, indices: readonly Index[]): Promise<readonly (Ending | undefined)[]> {
    const { keeping } = node;
    if (keeping === undefined || indices.length === 0) return indices.map(() => undefined);
    try {
      const args = await this.#argumentsOf(node, step, indices);
      const facts = indices.map((index) => this.#kept.factsOf(node, index, () => args(index ?? 0)));
      const found = await this.#kept.find(keeping, facts);
      for (const [at, call] of facts.entries()) {
        if (found[at] === undefined) this.#facts.set(placeOf(node, indices[at]), call);
      }
      return found.map((result) => result && { kind: "Cached", ...result });
    } catch (thrown) {
      const broken = breaking(toError(thrown));
      return indices.map(() => broken);
    }
  }

  /** Keeps the result of a call that has succeeded; it ends as is returned. */
  async keep(node: TaskNode, index: Index, end: CallState): Promise<CallState> {
    const place = placeOf(node, index);
    const facts = this.#facts.get(place);
    if (node.keeping === undefined || facts === undefined || end.kind !== "Success") return end;
    this.#facts.delete(place);
    try {
      const [value] = end.value instanceof RemoteValue ? await this.#executor.wait([end.value]) : [end.value];
      await this.#kept.keep(node.keeping, facts, value);
      return { ...end, value };
    } catch (thrown) {
      return breaking(toError(thrown));
    }
  }

  async #argumentsOf(
    node: TaskNode,
    step: () => Step,
    indices: readonly Index[],
  ): Promise<(index: number) => readonly unknown[]> {
    if (!this.#kept.needsArguments(node)) return () => [];
    return await homeArguments(step().inputs, around(indices.map((index) => index ?? 0)), this.#executor);
  }
}

function placeOf({ id }: TaskNode, index: Index): string {
  return `${String(id)} ${String(index)}`;
}
