import { CloudburstError, InvalidOptionError } from "../base/errors.ts";
import type { Executor } from "../executors/executor.ts";
import { currentBuilder } from "./active-builder.ts";
import type { FlowDiagram, FlowDrawer, VisualizeOptions } from "./flow-diagram.ts";
import type { FlowHandlers } from "./flow-handlers.ts";
import type { FlowParameters } from "./flow-parameters.ts";
import { type FlowPlan, type FlowPlanner, PLAN_OPTIONS, type PlanArguments, type PlanOptions } from "./flow-plan.ts";
import {
  edgesOf,
  filterTasks,
  type FlowEdge,
  type FlowTask,
  rootTasksOf,
  type TaskFilter,
  tasksOf,
  terminalTasksOf,
} from "./flow-tasks.ts";
import type { FlowSchedule } from "./flow-schedule.ts";
import { chainTasks, type Dependencies, setDependencies } from "./dependencies.ts";
import type { EdgeOptions } from "./flow-scope.ts";
import type { GraphBuilder } from "./graph-builder.ts";
import type { Graph } from "./graph.ts";
import { plainInputOf } from "./inputs.ts";
import { refuseUnknownOptions } from "./known-options.ts";
import { preview } from "./preview.ts";
import type { RunObserver } from "./run-event.ts";
import { RUN_OPTIONS, type RunArguments, type RunOptions } from "./run-options.ts";
import type { FlowState } from "./flow-state.ts";

/** A flow as those see it who run it. */
export interface FlowDefinition {
  readonly name: string;
  readonly graph: Graph;
  readonly parameters: FlowParameters;
  /** Absolute path of the module that made the flow, where it could be told. */
  readonly definedIn: string | undefined;
  readonly executor: Executor | undefined;
  readonly schedule?: FlowSchedule | undefined;
  /** Told of every change of a run's state. */
  readonly handlers?: FlowHandlers | undefined;
}

/** What a flow is made of. */
export interface FlowBlueprint extends Omit<FlowDefinition, "name" | "graph"> {
  readonly scope: GraphBuilder;
}

/**
 * Runs a flow. What `R` is only the flow knows: the runner brings home what the builder returned. `recorder` hears of
 * each event before the user's observer does, and does not count as one: without an observer the log is printed.
 */
export type FlowRunner = <R>(
  flow: FlowDefinition,
  options: RunOptions,
  recorder?: RunObserver,
) => Promise<FlowState<R>>;

/** The parameters of a flow that declares them with `Parameter(…)`, if at all. */
export type UntypedParameters = Readonly<Record<string, unknown>>;

/**
 * A graph of tasks with a name. Made by `flow(…)`, or empty by `new Flow(name, options)` and then filled task by task.
 * The methods that change it return nothing or what they were given; the graph is checked when it is asked for.
 */
export class Flow<Params extends object, Result> implements FlowDefinition {
  readonly name: string;
  /** What tasks and handles know of the flow. */
  readonly scope: GraphBuilder;
  readonly parameters: FlowParameters;
  readonly definedIn: string | undefined;
  /** Where the flow's tasks run unless `run` says otherwise. */
  executor: Executor | undefined;
  /** When the flow runs: `run` waits for each event of the schedule, and runs the flow then. */
  schedule: FlowSchedule | undefined;
  readonly handlers: FlowHandlers | undefined;
  readonly #run: FlowRunner;
  readonly #draw: FlowDrawer;
  readonly #plan: FlowPlanner;

  constructor(blueprint: FlowBlueprint, run: FlowRunner, draw: FlowDrawer, plan: FlowPlanner) {
    this.name = blueprint.scope.flowName;
    this.scope = blueprint.scope;
    this.parameters = blueprint.parameters;
    this.definedIn = blueprint.definedIn;
    this.executor = blueprint.executor;
    this.schedule = blueprint.schedule;
    this.handlers = blueprint.handlers;
    this.#run = run;
    this.#draw = draw;
    this.#plan = plan;
  }

  /**
   * The tasks as they are now, checked.
   *
   * @throws {CloudburstError} `flow_cycle` when tasks wait for each other.
   */
  get graph(): Graph {
    return this.scope.graph;
  }

  /** Every use of a task, and every parameter, in the order of creation. */
  get tasks(): readonly FlowTask[] {
    return tasksOf(this.graph);
  }

  /** What waits for what. A task that takes a result twice has two edges. */
  get edges(): readonly FlowEdge[] {
    return edgesOf(this.graph);
  }

  /** Those that wait for nothing. */
  get rootTasks(): readonly FlowTask[] {
    return rootTasksOf(this.graph);
  }

  /** Those that nothing waits for. */
  get terminalTasks(): readonly FlowTask[] {
    return terminalTasksOf(this.graph);
  }

  /** The tasks of that name, or slug, that have all of those tags. */
  getTasks(filter: TaskFilter = {}): readonly FlowTask[] {
    refuseUnknownOptions("flow.getTasks", filter, ["name", "slug", "tags"]);
    return filterTasks(this.tasks, filter);
  }

  /** Adds a task or a parameter, if the flow does not have it yet, and returns it. */
  addTask<T extends object>(task: T): T {
    this.scope.ensure(task);
    return task;
  }

  /** Makes `downstream` wait for `upstream`, and take its result as argument `key` where one is named. */
  addEdge(upstream: object, downstream: object, options: EdgeOptions = {}): void {
    this.scope.connect({ upstream, downstream, options });
  }

  /** Makes each of the tasks wait for the one before it. */
  chain(...tasks: readonly object[]): void {
    chainTasks(this.scope, tasks);
  }

  /** Adds a task, with all that it waits for and all that waits for it. */
  setDependencies(task: object, dependencies: Dependencies): void {
    setDependencies(this.scope, task, dependencies);
  }

  /** Chooses the tasks or handles that decide the final state. An empty list makes it the terminal ones again. */
  setReferenceTasks(references: readonly object[]): void {
    this.scope.setReferences(references);
  }

  /** Chooses what becomes `state.result`: a task, a handle, or arrays and objects of them. */
  returns(output: unknown): void {
    const place = { scope: this.scope, what: `the result of flow "${this.name}"`, takesTasks: true };
    this.scope.setOutput(plainInputOf(output, place));
  }

  /**
   * Runs the flow. A task that fails does not throw: it is in the final state. With a schedule, runs it at each event
   * of that, and resolves to the last state when the schedule has ended or the signal has aborted.
   *
   * @throws {InvalidOptionError} for unknown options, and for missing, unknown or wrong parameters.
   * @throws {CloudburstError} `flow_cycle` when tasks wait for each other; with `throwOnFailure` also the error of a run
   *   that failed or was cancelled.
   */
  run(...[options = {}]: RunArguments<Params>): Promise<FlowState<Result>> {
    // Thrown rather than rejected: a builder could not await it, and its flow would be defined nevertheless.
    refuseRunWhileBuilding(this.name);
    return this.#start(options);
  }

  /**
   * What a run with these options would be like: calls, workers over time, wall time and cost, each low, likely and
   * high. Nothing is started and nobody is asked.
   *
   * @throws {InvalidOptionError} for unknown options, for parameters as `run` does, and for a flow without tasks.
   */
  async plan(...[options = {}]: PlanArguments<Params>): Promise<FlowPlan> {
    refuseUnknownOptions("flow.plan", options, PLAN_OPTIONS);
    const given: PlanOptions = options;
    return await this.#plan(this, given);
  }

  /**
   * A picture of the flow, and of how a run of it ended: `await flow.visualize({ state }).save("flow.svg")`.
   *
   * @throws {InvalidOptionError} for unknown options, and for the state of another flow.
   */
  visualize(options: VisualizeOptions = {}): FlowDiagram {
    refuseUnknownOptions("flow.visualize", options, ["state", "horizontal"]);
    return this.#draw(this, options);
  }

  async #start(options: RunOptions<Params>): Promise<FlowState<Result>> {
    refuseMisplacedParameters(this, options);
    refuseUnknownOptions("flow.run", options, RUN_OPTIONS);
    const throws = checkThrowOnFailure(options.throwOnFailure);
    const state = await this.#run<Result>(this, options);
    if (!throws || (state.kind !== "Failed" && state.kind !== "Cancelled")) return state;
    throw state.error ?? new CloudburstError("flow_failed", state.message);
  }
}

function refuseMisplacedParameters({ name, parameters }: FlowDefinition, options: unknown): void {
  if (typeof options !== "object" || options === null) return;
  const known: readonly string[] = RUN_OPTIONS;
  const misplaced = Object.keys(options).filter((key) => parameters.declared.has(key) && !known.includes(key));
  if (misplaced.length === 0) return;
  throw new InvalidOptionError(
    `flow.run received the parameters ${misplaced.join(", ")} of flow "${name}" as options: ` +
      `give them as run({ parameters: { ${misplaced.map((key) => `${key}: …`).join(", ")} } })`,
    { misplaced },
  );
}

function checkThrowOnFailure(given: unknown = false): boolean {
  if (typeof given === "boolean") return given;
  throw new InvalidOptionError(`throwOnFailure must be true or false, got ${preview(given)}`, {
    option: "throwOnFailure",
  });
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
