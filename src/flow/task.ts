import { InvalidOptionError } from "../base/errors.ts";
import type { ExecutableTask } from "../executors/executor.ts";
import { currentBuilder, requireScope } from "./active-builder.ts";
import { callSite } from "./call-site.ts";
import { Callable, called } from "./callable.ts";
import type { BindOptions, BoundInputs } from "./bound-inputs.ts";
import { type Dependencies, setDependencies } from "./dependencies.ts";
import type { EdgeOptionsWithFlow, FlowLike } from "./flow-scope.ts";
import type { Graph, NodeOptions } from "./graph.ts";
import type { Handle } from "./handle.ts";
import { refuseUnknownOptions } from "./known-options.ts";
import { preview } from "./preview.ts";
import { addCall, addMap, type CallOptions, type TaskCall } from "./task-call.ts";
import { mergeRetryOptions } from "./retry-policy.ts";
import { checkTaskOptions, resolveTaskOptions, TASK_OPTIONS, type TaskOptions } from "./task-options.ts";
import { announceTask } from "./task-registry.ts";
import type { UsableTask } from "./usable-task.ts";

/** What the constructor of a task class takes. */
export interface ClassTaskOptions extends TaskOptions {
  /** @default the name of the class */
  readonly name?: string | undefined;
}

class TaskBase extends Callable {
  map(...given: readonly unknown[]): Handle<unknown> {
    return addMap(this as unknown as UsableTask, given);
  }

  [called](given: readonly unknown[]): Handle<unknown> {
    return addCall(this as unknown as UsableTask, given);
  }
}

// The compiler cannot see that the constructor makes a function; here it learns the type of its call and of `map`.
const CallableTask = TaskBase as unknown as abstract new <Args extends readonly unknown[], Result>() => TaskCall<
  Args,
  Result
>;

/**
 * A named piece of work: made by `task(name, fn)`, or an instance of a subclass with a `run` method. Either is called
 * like a function inside a flow's builder. Workers find a task by its name, which must be unique among the tasks of
 * the flow's module and what it imports.
 */
export abstract class Task<Args extends readonly unknown[], Result>
  extends CallableTask<Args, Result>
  implements ExecutableTask
{
  override readonly name: string;
  /** As they were given. */
  readonly options: TaskOptions;
  /** Absolute path of the module that made the task, where it could be told. */
  readonly definedIn: string | undefined;
  /** Name of the flow whose builder made the task, if one did: workers do not find such a task. */
  readonly madeInBuilderOf: string | undefined;
  /** What every node of the task carries. */
  readonly nodeOptions: NodeOptions;

  /** @throws {InvalidOptionError} for an empty name and for unknown or wrong options. */
  constructor({ name, ...options }: ClassTaskOptions = {}) {
    super();
    this.name = checkName(name ?? new.target.name);
    this.options = options;
    this.nodeOptions = resolveTaskOptions(this.name, options);
    this.definedIn = callSite();
    this.madeInBuilderOf = currentBuilder()?.flowName;
    announceTask(this);
  }

  nodeOptionsWith(changed: TaskOptions): NodeOptions {
    return resolveTaskOptions(this.name, mergeRetryOptions(this.options, changed));
  }

  /** The body, on its own: what a worker runs, and what a test calls. */
  abstract run(...args: Args): Result;

  /**
   * Adds the task itself to a flow, with each key bound to a property of the body's object argument.
   *
   * @throws {CloudburstError} `argument_taken` when a key is bound twice, `no_active_flow` without a flow.
   */
  override bind(inputs: BoundInputs<Args>, options: BindOptions = {}): this {
    refuseUnknownOptions(`task "${this.name}".bind`, options, ["flow", "mapped", "upstreamTasks"]);
    const { flow, ...rest } = options;
    setDependencies(requireScope(flow), this, { ...rest, keywordTasks: inputs });
    return this;
  }

  /** Makes the task itself wait for `upstream`, and take its result as argument `key` where one is named. */
  setUpstream(upstream: object, options: EdgeOptionsWithFlow = {}): void {
    requireScope(options.flow).connect({ upstream, downstream: this, options });
  }

  /** Makes `downstream` wait for the task itself, and take its result as argument `key` where one is named. */
  setDownstream(downstream: object, options: EdgeOptionsWithFlow = {}): void {
    requireScope(options.flow).connect({ upstream: this, downstream, options });
  }

  /** Adds the task itself to a flow, with all that it waits for and all that waits for it. */
  setDependencies(dependencies: Dependencies & { readonly flow?: FlowLike | undefined }): void {
    setDependencies(requireScope(dependencies.flow), this, dependencies);
  }

  /** Its node in a graph that it was added to itself; calls of it have nodes of their own. */
  nodeIn(graph: Graph): number | undefined {
    return graph.members?.get(this);
  }

  /**
   * The same task, for one use that differs: `report.with({ after: [cleanup], maxRetries: 0, name: "last" })(data)`.
   *
   * @throws {InvalidOptionError} for unknown or wrong options.
   */
  with(options: CallOptions): TaskCall<Args, Result> {
    refuseUnknownOptions(`task "${this.name}".with`, options, ["after", "name", ...TASK_OPTIONS]);
    if (options.name !== undefined) checkName(options.name);
    const call = (...given: readonly unknown[]): Handle<unknown> => addCall(this, given, options);
    const map = (...given: readonly unknown[]): Handle<unknown> => addMap(this, given, options);
    return Object.assign(call, { map }) as unknown as TaskCall<Args, Result>;
  }
}

class FunctionTask<Args extends readonly unknown[], Result> extends Task<Args, Result> {
  override readonly run: (...args: Args) => Result;

  constructor(name: string, run: (...args: Args) => Result, options: TaskOptions) {
    checkTaskOptions(name, options); // before the name joins them
    super({ ...options, name });
    this.run = run;
  }
}

/** A task of this library: it needs no module of the user's, however the library itself was loaded. */
class LibraryTask<Args extends readonly unknown[], Result> extends FunctionTask<Args, Result> {
  override readonly definedIn: string | undefined = undefined;
  override readonly madeInBuilderOf: string | undefined = undefined;
}

class GlueTask<Args extends readonly unknown[], Result> extends LibraryTask<Args, Result> {
  readonly isGlue = true;
}

/** The task that `task` makes of a function of type `Body`. */
export type TaskOf<Body> = Body extends (...args: infer Args) => infer Result ? Task<Args, Result> : never;

/**
 * Makes a task of a function: `const inc = task("inc", (x: number) => x + 1)`. Define tasks at the top level of a
 * module, so that workers find them.
 *
 * @throws {InvalidOptionError} for an empty name, for what is no function, and for unknown or wrong options.
 */
// `Body` has no call signature of its own on purpose: one would make `unknown` of a parameter such as `y = 1`.
export function task<Body extends CallableFunction>(name: string, body: Body, options?: TaskOptions): TaskOf<Body>;
export function task(name: string, body: (...args: unknown[]) => unknown, options: TaskOptions = {}): unknown {
  if (typeof body !== "function") {
    checkName(name); // a forgotten name is the likelier mistake: the body stands in its place
    throw new InvalidOptionError(`the body of task ${preview(name)} must be a function, got ${preview(body)}`);
  }
  // Stack traces show the name of the task then, instead of what the compiler makes of the place where it was written.
  if (body.name === "") Reflect.defineProperty(body, "name", { value: name, configurable: true });
  return new FunctionTask(name, body, options);
}

/** As `task`, for the tasks that the library itself brings. */
export function libraryTask<Body extends CallableFunction>(name: string, body: Body): TaskOf<Body>;
export function libraryTask(name: string, body: (...args: unknown[]) => unknown): unknown {
  return new LibraryTask(name, body, {});
}

/** As `libraryTask`, for those that are so small that the driver runs them where it can. */
export function glueTask<Body extends CallableFunction>(name: string, body: Body, options?: TaskOptions): TaskOf<Body>;
export function glueTask(name: string, body: (...args: unknown[]) => unknown, options: TaskOptions = {}): unknown {
  return new GlueTask(name, body, options);
}

function checkName(name: unknown): string {
  if (typeof name === "string" && name !== "") return name;
  throw new InvalidOptionError(
    `the name of a task must be a string that is not empty, got ${preview(name)}: write task("name", body)`,
  );
}
