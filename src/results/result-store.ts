/**
 * Where results of tasks are kept from run to run. A store of one's own is any object with these methods. Only the
 * driver calls them.
 */
export interface ResultStore {
  /** The result that was written under `key`; undefined when there is none. */
  read(key: string): Promise<{ readonly value: unknown } | undefined>;
  /** Writes a result, over an older one; a reader sees all of it or nothing. */
  write(key: string, value: unknown): Promise<void>;
  /**
   * Asked before many keys are read, to save requests: those of `keys` of which a result may exist. What is left out
   * has none.
   */
  among(keys: readonly string[]): Promise<ReadonlySet<string>>;
}
