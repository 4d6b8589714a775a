/** The types that decide what a call in a flow's builder accepts. */

import type { Mapped, Unmapped } from "./annotations.ts";
import type { Reference } from "./handle.ts";

/** Values without parts of their own that could be handles. */
export type Leaf =
  | string
  | number
  | boolean
  | bigint
  | symbol
  | null
  | undefined
  | Date
  | RegExp
  | Error
  | URL
  | ArrayBuffer
  | ArrayBufferView
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | ((...args: never[]) => unknown);

/** What a call accepts for `A`: the value, a handle of it, or arrays and objects with handles inside. */
export type Argument<A> =
  A | Reference<A> | (A extends Leaf ? never : A extends object ? { readonly [K in keyof A]: Argument<A[K]> } : never);

/**
 * What `.map` takes its elements from: an iterable (of values, of handles, of nests of them) or a handle of one. Arrays
 * are named apart for the sake of the compiler's messages, which then point at the element.
 */
export type MapSource<A> = readonly Argument<A>[] | Iterable<Argument<A>> | Reference<Iterable<A>>;

/** What `.map` accepts for `A`. A number or a plain object cannot be mapped over; `unmapped(x)` passes it whole. */
export type MapArgument<A> = MapSource<A> | Mapped<MapSource<A>> | Unmapped<Argument<A>>;

/** As `Argument`, with `mapped(x)` anywhere inside. */
export type AnnotatedArgument<A> =
  | A
  | Reference<A>
  | Mapped<MapSource<A>>
  | (A extends Leaf ? never : A extends object ? { readonly [K in keyof A]: AnnotatedArgument<A[K]> } : never);

// Mapped types over tuples keep optional and rest elements as they are.
export type CallArguments<Args extends readonly unknown[]> = { [K in keyof Args]: Argument<Args[K]> };
export type AnnotatedArguments<Args extends readonly unknown[]> = { [K in keyof Args]: AnnotatedArgument<Args[K]> };
export type MapArguments<Args extends readonly unknown[]> = { [K in keyof Args]: MapArgument<Args[K]> };
