import type { Deadline } from "./deadline-timer.ts";

/** A receive that waits for messages. Answering it, in whichever way, takes it out of the line. */
export interface Waiter<Delivered> extends Deadline {
  readonly kind: "waiter";
  readonly max: number;
  readonly visibilityMs: number;
  answer(delivered: readonly Delivered[]): void;
  refuse(error: Error): void;
}

export interface WaitRequest {
  readonly max: number;
  readonly visibilityMs: number;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
}

/** Receives that wait, first come first served. */
export class WaitingLine<Delivered> {
  readonly #waiters = new Set<Waiter<Delivered>>();

  get size(): number {
    return this.#waiters.size;
  }

  first(): Waiter<Delivered> | undefined {
    return this.#waiters.values().next().value;
  }

  all(): readonly Waiter<Delivered>[] {
    return [...this.#waiters];
  }

  /** Joins the line. `joined` and `left` tell when the wait's deadline counts. */
  wait(
    request: WaitRequest,
    joined: (waiter: Waiter<Delivered>) => void,
    left: (waiter: Waiter<Delivered>) => void,
  ): Promise<readonly Delivered[]> {
    return new Promise((resolve, reject) => {
      const end = (): boolean => {
        if (!this.#waiters.delete(waiter)) return false;
        left(waiter);
        request.signal.removeEventListener("abort", leave);
        return true;
      };
      // A client that goes away leaves the line at once, so that no message is delivered to it.
      const leave = (): void => {
        if (end()) resolve([]);
      };
      const waiter: Waiter<Delivered> = {
        kind: "waiter",
        max: request.max,
        visibilityMs: request.visibilityMs,
        dueAt: 0,
        heapIndex: -1,
        answer: (delivered) => {
          if (end()) resolve(delivered);
        },
        refuse: (error) => {
          if (end()) reject(error);
        },
      };
      this.#waiters.add(waiter);
      joined(waiter);
      request.signal.addEventListener("abort", leave);
      if (request.signal.aborted) leave();
    });
  }
}
