import type { CloudburstError } from "../base/errors.ts";

/** Looks at every failure of a cluster's ports: one that means the loss of the cluster is thrown as what it means. */
export class LossWatch {
  readonly #lossOf: (error: unknown) => CloudburstError | undefined;
  #lost = false;

  constructor(lossOf: (error: unknown) => CloudburstError | undefined) {
    this.#lossOf = lossOf;
  }

  /** What cannot be cleared away any more has gone by itself. */
  get lost(): boolean {
    return this.#lost;
  }

  /** The same port: its methods that return a promise throw what is meant. */
  over<Port extends object>(port: Port): Port {
    const watched = Object.entries(port).map(([name, member]: [string, unknown]) =>
      typeof member === "function" ? [name, this.#watched(member as Method)] : [name, member],
    );
    return Object.fromEntries(watched) as Port; // member by member the same
  }

  #watched(method: Method): Method {
    return (...args) => {
      const result = method(...args);
      return result instanceof Promise ? result.catch((error: unknown) => this.#rethrow(error)) : result;
    };
  }

  #rethrow(error: unknown): never {
    const loss = this.#lossOf(error);
    if (loss === undefined) throw error;
    this.#lost = true;
    throw loss;
  }
}

type Method = (...args: readonly unknown[]) => unknown;
