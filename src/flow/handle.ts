import { inspect } from "node:util";
import { CloudburstError } from "../base/errors.ts";
import type { Graph, NodeInput } from "./graph.ts";

/** The flow that a reference belongs to. */
export interface FlowScope {
  readonly flowName: string;
  /** Undefined while the builder runs. */
  readonly graph: Graph | undefined;
}

declare const valueType: unique symbol;

/** Stands in a flow's builder for a value that is known only when the flow runs. */
export abstract class Reference<out T> {
  /** Exists for the compiler only: what the reference stands for. */
  declare readonly [valueType]: T;
  readonly scope: FlowScope;
  /** Where in the graph the value comes from. */
  readonly input: NodeInput;

  constructor(scope: FlowScope, input: NodeInput) {
    this.scope = scope;
    this.input = input;
  }

  /** Words for error messages, such as `inc-1`. */
  abstract get label(): string;

  /** True where the reference may be looked up in `graph`, and in the state of a run of it. */
  belongsTo(graph: Graph): boolean {
    return this.scope.graph === graph;
  }

  /**
   * Keeps arithmetic and template strings from using the reference itself.
   *
   * @throws {CloudburstError} `value_not_known`, always.
   */
  [Symbol.toPrimitive](): never {
    throw new CloudburstError(
      "value_not_known",
      `the value of ${this.label} is known only when flow "${this.scope.flowName}" runs: ` +
        "pass the handle to a task, and use the value there",
    );
  }

  [inspect.custom](): string {
    return `Handle(${this.label})`;
  }
}

/** The result of a task, or a parameter: what a call in a flow's builder returns. */
export class Handle<out T> extends Reference<T> {
  /** Its node's position in the flow's graph. */
  readonly node: number;
  readonly label: string;

  constructor(scope: FlowScope, node: number, slug: string) {
    super(scope, { kind: "node", node });
    this.node = node;
    this.label = slug;
  }
}

/** The results of a mapped task, one for each child. */
export type MappedHandle<T> = Handle<T[]>;

/** A list of lists with one level of nesting removed. */
export class Flattened<out E> extends Reference<E[]> {
  get label(): string {
    return "flatten(…)";
  }
}
