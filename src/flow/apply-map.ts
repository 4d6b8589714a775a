import { CloudburstError } from "../base/errors.ts";
import { requireBuilder, requireScope } from "./active-builder.ts";
import { Unmapped } from "./annotations.ts";
import type { Block } from "./block.ts";
import type { EdgeOptionsWithFlow, FlowLike, FlowScope } from "./flow-scope.ts";
import type { EachInput, NodeInput } from "./graph.ts";
import { Handle, type MappedHandle, type Reference } from "./handle.ts";
import { eachOf } from "./inputs.ts";
import type { Leaf } from "./argument.ts";
import type { Resolved } from "./resolved.ts";
import { runBlock } from "./run-block.ts";

/** What `applyMap` calls its function with, for the argument `G`: an element of it, or the whole of `unmapped(x)`. */
export type ElementOf<G> =
  G extends Unmapped<infer V>
    ? V
    : G extends Reference<infer V>
      ? Handle<V extends Iterable<infer E> ? E : never>
      : G extends Iterable<infer E>
        ? Handle<Resolved<E>>
        : never;

/** What the function given to `applyMap` returned, with a list of results for each handle in it. */
export type MappedOver<T> =
  T extends Reference<infer V>
    ? MappedHandle<V>
    : T extends Leaf
      ? T
      : T extends object
        ? { readonly [K in keyof T]: MappedOver<T[K]> }
        : T;

type Given = readonly (Iterable<unknown> | Reference<Iterable<unknown>> | Unmapped<unknown>)[];

/**
 * Maps a function that builds a part of the flow, as `.map` maps a task: `build` is called once, with a handle for the
 * elements of each list, and every task that it calls becomes a mapped one, in which child i follows child i. What
 * `unmapped(x)` is goes to it whole, and so does whatever it takes from outside. Returns what `build` returned, with
 * the results of all children behind each handle.
 *
 * @throws {CloudburstError} `cannot_map` for an argument that is no iterable, `nested_map` for a mapping inside,
 *   `no_active_flow` outside a flow's builder, `async_builder` for an async function.
 */
export function applyMap<const Args extends Given, const R>(
  build: (...elements: { [K in keyof Args]: ElementOf<Args[K]> }) => R,
  ...args: Args
): MappedOver<R>;
export function applyMap(build: (...elements: readonly unknown[]) => unknown, ...args: Given): unknown {
  const scope = requireBuilder("mapping a function", "call applyMap(…) inside the builder of a flow");
  const elements = args.map((given, index) => elementOf(given, scope, `argument ${String(index + 1)} of applyMap`));
  const mapped = elements.filter((element) => element instanceof Element);
  if (mapped.length === 0) throw nothingToMap();
  return runBlock("the function given to applyMap", mapBlock(mapped), () => build(...elements));
}

function elementOf(given: unknown, scope: FlowScope, what: string): unknown {
  if (given instanceof Unmapped) return given.value;
  return new Element(eachOf(given, { scope, what }), scope, what);
}

/** Tasks that wait for nothing inside wait for the elements: child i exists where every list has an element i. */
function mapBlock(elements: readonly Element<unknown>[]): Block {
  return {
    isMapped: true,
    end: ({ roots }) => {
      for (const root of roots) for (const element of elements) root.setUpstream(element);
    },
  };
}

/** Stands for element i of a list in child i of what `applyMap` builds; outside of that, for the list. */
class Element<out T> extends Handle<T> {
  readonly label: string;
  readonly #input: EachInput;
  readonly #scope: FlowScope;

  constructor(input: EachInput, scope: FlowScope, label: string) {
    super();
    this.label = `the elements of ${label}`;
    this.#input = input;
    this.#scope = scope;
  }

  inputIn(scope: FlowScope): NodeInput {
    return scope.isMapping ? this.#input : this.#input.of;
  }

  nodeIn(): undefined {
    return undefined;
  }

  setUpstream(): never {
    throw new CloudburstError(
      "foreign_handle",
      `${this.label} cannot wait for a task: make the task wait that uses them, or the one that the list comes from`,
    );
  }

  setDownstream(downstream: object, options: EdgeOptionsWithFlow = {}): void {
    this.scopeFor(options.flow).connect({ upstream: this, downstream, options });
  }

  protected scopeFor(flow: FlowLike | undefined): FlowScope {
    return requireScope(flow);
  }

  protected get whenKnown(): string {
    return `flow "${this.#scope.flowName}"`;
  }
}

function nothingToMap(): CloudburstError {
  return new CloudburstError(
    "cannot_map",
    "applyMap got no list to map over: give it an iterable or a handle of one, or call the function itself",
  );
}
