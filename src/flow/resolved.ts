import type { Leaf } from "./argument.ts";
import type { Reference } from "./handle.ts";

/**
 * What a builder's return value becomes in `state.result`: every handle, however deep in arrays, tuples and objects,
 * replaced by its value. `0 extends 1 & T` asks whether `T` is `any`, which stays so.
 */
export type Resolved<T> = 0 extends 1 & T
  ? T
  : T extends Reference<infer V>
    ? V
    : T extends Leaf
      ? T
      : T extends object
        ? { -readonly [K in keyof T]: Resolved<T[K]> }
        : T;
