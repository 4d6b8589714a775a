/** An object store in our words: whole objects, byte ranges, and writes of which the first wins. */

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Bytes `start` to `end`, `end` not included. A negative `start` without `end` counts from the end of the object. */
export interface ByteRange {
  readonly start: number;
  readonly end?: number | undefined;
}

export interface Store {
  /** Writes the object, replacing an older one. */
  put(key: string, body: Uint8Array, options?: CallOptions): Promise<void>;
  /** Writes the object unless there is one (I2). `exists` is a normal outcome, also when a lost reply hid our own success. */
  putOnce(key: string, body: Uint8Array, options?: CallOptions): Promise<"written" | "exists">;
  /** The object or a part of it; undefined when there is none. */
  get(key: string, range?: ByteRange, options?: CallOptions): Promise<Uint8Array | undefined>;
  /** Keys that start with `prefix`, in UTF-8 byte order. */
  list(prefix: string, options?: CallOptions): AsyncIterable<string>;
  /** Deletes what exists of the keys. */
  delete(keys: readonly string[], options?: CallOptions): Promise<void>;
}
