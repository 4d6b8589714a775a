/** Sends what comes singly in groups: at once when nothing is under way, else together with what comes meanwhile. */

export interface Batcher<T> {
  /** Resolves when the item has been sent, rejects when its group could not be. */
  add(item: T): Promise<void>;
  /** Resolves when nothing is under way or waiting. */
  idle(): Promise<void>;
}

export function createBatcher<T>(send: (items: readonly T[]) => Promise<void>, maxItems: number): Batcher<T> {
  let waiting: { item: T; resolve: () => void; reject: (error: unknown) => void }[] = [];
  let running: Promise<void> | undefined;

  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const group = waiting.slice(0, maxItems);
      waiting = waiting.slice(maxItems);
      try {
        await send(group.map(({ item }) => item));
        for (const { resolve } of group) resolve();
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    running = undefined;
  };

  return {
    add: (item) =>
      new Promise<void>((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        running ??= run();
      }),
    idle: async () => {
      await running;
    },
  };
}
