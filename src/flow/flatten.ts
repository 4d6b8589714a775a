import { CloudburstError } from "../base/errors.ts";
import { requireBuilder } from "./active-builder.ts";
import { Flattened, type Reference } from "./handle.ts";
import { plainInputOf } from "./inputs.ts";
import type { Resolved } from "./resolved.ts";

/** The elements of `T`'s elements; what is no array stays as it is. */
export type FlattenedElement<T> = T extends Iterable<infer E> ? (E extends readonly (infer F)[] ? F : E) : never;

/**
 * Removes one level of nesting: of a handle of lists, of the lists that the children of a mapped task return, or of a
 * list of handles. An element that is no list stays as it is.
 *
 * @throws {CloudburstError} `no_active_flow` outside a flow's builder, `nested_map` inside a function given to
 *   `applyMap`.
 */
export function flatten<T extends Reference<Iterable<unknown>> | readonly unknown[]>(
  lists: T,
): Flattened<FlattenedElement<Resolved<T>>> {
  const scope = requireBuilder(
    "flattening a list",
    "call flatten(…) inside the builder of a flow; elsewhere use Array.prototype.flat",
  );
  if (scope.isMapping) {
    throw new CloudburstError(
      "nested_map",
      "flatten(…) has no meaning inside a mapped context: flatten the list before applyMap, or what applyMap returns",
    );
  }
  return new Flattened(scope, { kind: "flatten", of: plainInputOf(lists, { scope, what: "the argument of flatten" }) });
}
