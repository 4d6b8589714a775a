import { CloudburstError } from "../base/errors.ts";
import type { Executor } from "../executors/executor.ts";
import { currentBuilder } from "./active-builder.ts";
import type { FlowParameters } from "./flow-parameters.ts";
import type { Graph } from "./graph.ts";
import { refuseUnknownOptions } from "./known-options.ts";
import { RUN_OPTIONS, type RunArguments, type RunOptions } from "./run-options.ts";
import type { FlowState } from "./state.ts";

/** A flow as those see it who run it. */
export interface FlowDefinition {
  readonly name: string;
  readonly graph: Graph;
  readonly parameters: FlowParameters;
  /** Absolute path of the module that made the flow, where it could be told. */
  readonly definedIn: string | undefined;
  readonly executor: Executor | undefined;
}

/** Runs a flow. What `R` is only the flow knows: the runner brings home what the builder returned. */
export type FlowRunner = <R>(flow: FlowDefinition, options: RunOptions) => Promise<FlowState<R>>;

/** The parameters of a flow that declares them with `Parameter(…)`, if at all. */
export type UntypedParameters = Readonly<Record<string, unknown>>;

/** A checked graph of tasks with a name. Made by `flow(…)`. */
export class Flow<Params extends object, Result> implements FlowDefinition {
  readonly name: string;
  readonly graph: Graph;
  readonly parameters: FlowParameters;
  readonly definedIn: string | undefined;
  /** Where the flow's tasks run unless `run` says otherwise. */
  executor: Executor | undefined;
  readonly #run: FlowRunner;

  constructor(definition: FlowDefinition, run: FlowRunner) {
    this.name = definition.name;
    this.graph = definition.graph;
    this.parameters = definition.parameters;
    this.definedIn = definition.definedIn;
    this.executor = definition.executor;
    this.#run = run;
  }

  /**
   * Runs the flow. A task that fails does not throw: it is in the final state.
   *
   * @throws {InvalidOptionError} for unknown options, and for missing, unknown or wrong parameters.
   */
  run(...[options = {}]: RunArguments<Params>): Promise<FlowState<Result>> {
    // Thrown rather than rejected: a builder could not await it, and its flow would be defined nevertheless.
    refuseRunWhileBuilding(this.name);
    return this.#start(options);
  }

  async #start(options: RunOptions<Params>): Promise<FlowState<Result>> {
    refuseUnknownOptions("flow.run", options, RUN_OPTIONS);
    return this.#run<Result>(this, options);
  }
}

function refuseRunWhileBuilding(flowName: string): void {
  const builder = currentBuilder();
  if (builder === undefined) return;
  throw new CloudburstError(
    "run_in_builder",
    `Don't call \`flow.run()\` from within a flow's builder: run flow "${flowName}" ` +
      `after flow "${builder.flowName}" has been defined`,
  );
}
