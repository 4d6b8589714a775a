import { CloudburstError } from "../base/errors.ts";
import type { EdgeOptionsWithFlow, FlowLike, FlowScope } from "./flow-scope.ts";
import type { Graph, NodeInput } from "./graph.ts";
import { refuseSpreading, valueTrap } from "./no-value.ts";

declare const valueType: unique symbol;
/** `util.inspect.custom`, by its public name: so that this file's types need none of Node's. */
const inspectCustom: unique symbol = Symbol.for("nodejs.util.inspect.custom");

/** Stands in a flow for a value that is known only when the flow runs. */
export abstract class Reference<out T> {
  /** Exists for the compiler only: what the reference stands for. */
  declare readonly [valueType]: T;

  /** Words for error messages, such as `inc-1`. */
  abstract get label(): string;

  /**
   * Where in the graph of that flow the value comes from.
   *
   * @throws {CloudburstError} `foreign_handle` for a reference of another flow; `what` says where it was given.
   */
  abstract inputIn(scope: FlowScope, what: string): NodeInput;

  constructor() {
    refuseSpreading(this);
  }

  /**
   * Keeps arithmetic and template strings from using the reference itself.
   *
   * @throws {CloudburstError} `value_not_known`, always.
   */
  [Symbol.toPrimitive](): never {
    throw this.noValue();
  }

  /** The error for code that takes the reference for its value. */
  noValue(fact = "", instead = ""): CloudburstError {
    return new CloudburstError(
      "value_not_known",
      `the value of ${this.label} is known only when ${this.whenKnown} runs${fact}: ${instead}` +
        "pass the handle to a task, and use the value there",
    );
  }

  [inspectCustom](): string {
    return `Handle(${this.label})`;
  }

  protected abstract get whenKnown(): string;
}

// Its methods come first: what is not among them is asked for by mistake.
Object.setPrototypeOf(Reference.prototype, valueTrap);

/** The result of a task, or a parameter: what a call in a flow's builder returns. */
export abstract class Handle<out T> extends Reference<T> {
  /** Its node's position in a graph; undefined where the graph is not of the handle's flow. */
  abstract nodeIn(graph: Graph): number | undefined;

  /** Makes it wait for `upstream`, and take its result as argument `key` where one is named. */
  abstract setUpstream(upstream: object, options?: EdgeOptionsWithFlow): void;

  /** Makes `downstream`, a task or a handle, wait for it, and take its value as argument `key` where one is named. */
  abstract setDownstream(downstream: object, options?: EdgeOptionsWithFlow): void;

  /**
   * One property of the result: `report.get("total")`; of a tuple one element, `pair.get(0)`. Taken in the driver where
   * that has the result.
   *
   * @param options the flow, for a parameter outside of any builder
   */
  get<V extends object, K extends keyof V>(
    this: Handle<V>,
    key: K,
    options: { readonly flow?: FlowLike | undefined } = {},
  ): Handle<V[K]> {
    return this.scopeFor(options.flow).itemOf(this, key) as Handle<unknown> as Handle<V[K]>;
  }

  /**
   * One element of the result, which is a list; negative counts from the end. Of a mapped task it is the result of one
   * child, once all of them have ended.
   */
  at<E>(this: Handle<readonly E[]>, index: number, options: { readonly flow?: FlowLike | undefined } = {}): Handle<E> {
    return this.scopeFor(options.flow).itemOf(this, index) as Handle<unknown> as Handle<E>;
  }

  /** The flow that gets what is made of the handle. */
  protected abstract scopeFor(flow: FlowLike | undefined): FlowScope;
}

/** A handle of one flow. */
export class NodeHandle<out T> extends Handle<T> {
  readonly label: string;
  readonly #scope: FlowScope;
  readonly #node: number;

  constructor(scope: FlowScope, node: number, slug: string) {
    super();
    this.label = slug;
    this.#scope = scope;
    this.#node = node;
  }

  inputIn(scope: FlowScope, what: string): NodeInput {
    if (scope !== this.#scope) throw foreignHandle(this.label, this.#scope, scope, what);
    return scope.inputOf(this.#node);
  }

  nodeIn(graph: Graph): number | undefined {
    return this.#scope.owns(graph) ? this.#node : undefined;
  }

  setUpstream(upstream: object, options: EdgeOptionsWithFlow = {}): void {
    this.scopeFor(options.flow).connect({ upstream, downstream: this, options });
  }

  setDownstream(downstream: object, options: EdgeOptionsWithFlow = {}): void {
    this.scopeFor(options.flow).connect({ upstream: this, downstream, options });
  }

  protected scopeFor(flow: FlowLike | undefined): FlowScope {
    return flow?.scope ?? this.#scope;
  }

  protected get whenKnown(): string {
    return `flow "${this.#scope.flowName}"`;
  }
}

/** The results of a mapped task, one for each child. */
export type MappedHandle<T> = Handle<T[]>;

/** A list of lists with one level of nesting removed. */
export class Flattened<out E> extends Reference<E[]> {
  readonly label = "flatten(…)";
  readonly #scope: FlowScope;
  readonly #input: NodeInput;

  constructor(scope: FlowScope, input: NodeInput) {
    super();
    this.#scope = scope;
    this.#input = input;
  }

  inputIn(scope: FlowScope, what: string): NodeInput {
    if (scope !== this.#scope) throw foreignHandle(this.label, this.#scope, scope, what);
    return this.#input;
  }

  protected get whenKnown(): string {
    return `flow "${this.#scope.flowName}"`;
  }
}

function foreignHandle(label: string, own: FlowScope, other: FlowScope, what: string): CloudburstError {
  return new CloudburstError(
    "foreign_handle",
    `${what} is a handle of flow "${own.flowName}" (${label}), used in flow "${other.flowName}": ` +
      `call the task in the builder of flow "${other.flowName}" as well`,
  );
}
