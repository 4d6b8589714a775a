import type { Call, CallBatch, Executor, ExecutorRun, Outcome, Settled } from "../../../src/executors/executor.ts";

/** What a user may write: runs up to `limit` calls at once in this process. */
export class CustomExecutor implements Executor {
  readonly #free: (() => void)[] = [];
  #slots: number;

  constructor(limit: number) {
    this.#slots = limit;
  }

  start = (): Promise<ExecutorRun> => Promise.resolve({ [Symbol.asyncDispose]: () => Promise.resolve() });
  submit = (call: Call): Promise<Outcome> => this.#limited(() => call.run());
  wait = (values: readonly unknown[]): Promise<readonly unknown[]> => Promise.resolve(values);

  async map({ range: { start, end }, run }: CallBatch, settle: (settled: Settled) => void): Promise<void> {
    const one = async (index: number): Promise<void> => {
      const outcome = await this.#limited(() => run(index));
      const failures = new Map(outcome.kind === "failed" ? [[index, outcome]] : []);
      const values = [outcome.kind === "success" ? outcome.value : undefined];
      settle({ step: 0, range: { start: index, end: index + 1 }, values, failures });
    };
    await Promise.all(Array.from({ length: end - start }, (_, at) => one(start + at)));
  }

  async #limited<T>(work: () => T | Promise<T>): Promise<T> {
    if (this.#slots === 0) await new Promise<void>((resolve) => this.#free.push(resolve));
    else this.#slots -= 1;
    try {
      return await work();
    } finally {
      const next = this.#free.shift();
      if (next === undefined) this.#slots += 1;
      else next();
    }
  }
}
