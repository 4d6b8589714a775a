import { CloudburstError } from "../base/errors.ts";
import { requireScope } from "./active-builder.ts";
import type { DeclaredParameter } from "./flow-parameters.ts";
import type { EdgeOptionsWithFlow, FlowLike, FlowScope } from "./flow-scope.ts";
import type { Graph, NodeInput } from "./graph.ts";
import { Handle } from "./handle.ts";

/** A parameter that was made outside of any flow: it becomes one of each flow that it is used in. */
export class FreeParameter<out T> extends Handle<T> {
  readonly name: string;
  readonly declared: DeclaredParameter;

  constructor(name: string, declared: DeclaredParameter) {
    super();
    this.name = name;
    this.declared = declared;
  }

  get label(): string {
    return this.name;
  }

  inputIn(scope: FlowScope): NodeInput {
    return { kind: "node", node: scope.nodeOf(this) };
  }

  nodeIn(graph: Graph): number | undefined {
    return graph.members?.get(this);
  }

  setUpstream(): never {
    throw parameterNotRoot(this.name);
  }

  setDownstream(downstream: object, options: EdgeOptionsWithFlow = {}): void {
    this.scopeFor(options.flow).connect({ upstream: this, downstream, options });
  }

  protected scopeFor(flow: FlowLike | undefined): FlowScope {
    return requireScope(flow);
  }

  protected get whenKnown(): string {
    return "its flow";
  }
}

export function parameterNotRoot(name: string): CloudburstError {
  return new CloudburstError(
    "parameter_not_root",
    `Parameters must be root tasks and can not have upstream dependencies. (parameter "${name}": ` +
      "make the task that uses it wait instead)",
  );
}
