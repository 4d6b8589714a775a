/** When the nodes of a run changed their states. */
import type { Clock } from "../base/clock.ts";
import type { StateChange } from "../flow/state.ts";
import { type NodeState, pendingNode } from "./node-state.ts";

export class Histories {
  readonly #clock: Clock;
  readonly #first: StateChange;
  readonly #changes: (StateChange[] | undefined)[];

  constructor(clock: Clock, nodes: number) {
    this.#clock = clock;
    const { kind, message } = pendingNode;
    this.#first = { kind, message, at: new Date(clock.now()) };
    this.#changes = new Array<undefined>(nodes);
  }

  note(node: number, { kind, message }: NodeState): void {
    (this.#changes[node] ??= [this.#first]).push({ kind, message, at: new Date(this.#clock.now()) });
  }

  of(node: number): readonly StateChange[] {
    return this.#changes[node]?.slice() ?? [this.#first];
  }
}
