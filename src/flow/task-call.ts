import { CloudburstError } from "../base/errors.ts";
import { requireBuilder } from "./active-builder.ts";
import { Unmapped } from "./annotations.ts";
import type { AnnotatedArguments, CallArguments, MapArguments } from "./argument.ts";
import { checkArity } from "./arity.ts";
import type { NewCall } from "./builder-scope.ts";
import type { NodeInput } from "./graph.ts";
import type { Handle, MappedHandle, Reference } from "./handle.ts";
import { eachOf, inputOf, plainInputOf, type Place } from "./inputs.ts";
import { holdsEach, nodesIn } from "./node-references.ts";
import type { TaskOptions } from "./task-options.ts";
import type { UsableTask } from "./usable-task.ts";

/** How a task is used inside a flow's builder. Each use adds a node to the flow and returns the handle of its result. */
export interface TaskCall<Args extends readonly unknown[], Result> {
  /**
   * One call, with values, handles, and arrays and objects of them.
   *
   * @throws {CloudburstError} `no_active_flow` outside a builder; tests of the body use `run`.
   */
  (...args: CallArguments<Args>): Handle<Awaited<Result>>;
  /** As `map`, over the arguments marked `mapped(x)`; the others go whole to every child. */
  (...args: AnnotatedArguments<Args>): MappedHandle<Awaited<Result>>;
  /**
   * One child for each element: child i gets element i of every argument, and the shortest one ends the list.
   * `unmapped(x)` goes whole to every child; with nothing but that, this is a plain call.
   *
   * @throws {CloudburstError} `cannot_map` for what is no iterable; `no_active_flow` outside a builder.
   */
  map<const Given extends MapArguments<Args>>(...args: Given): MapResult<Given, Awaited<Result>>;
}

/** What `.map` returns for the arguments `Given`. */
export type MapResult<Given, Value> = Given extends readonly Unmapped<unknown>[] ? Handle<Value> : MappedHandle<Value>;

/** What may be said about one use of a task: what else is an option of the task holds for this use alone. */
export interface CallOptions extends TaskOptions {
  /** The name of the use, in its slug and wherever it is told of. @default the task's */
  readonly name?: string | undefined;
  /** Handles whose tasks must have finished first although they give no argument. The trigger asks about them too. */
  readonly after?: readonly Reference<unknown>[] | undefined;
}

/** What this library says of calls that it adds itself. */
export interface OwnCallOptions extends CallOptions, Pick<NewCall, "label" | "isUpkeep"> {
  /** Handles whose tasks must have finished first, however they ended. The trigger does not ask about them. */
  readonly awaits?: readonly Reference<unknown>[] | undefined;
  /** As in `Place`. */
  readonly takesTasks?: boolean | undefined;
}

/** Adds a plain call to the flow whose builder is running. */
export function addCall(task: UsableTask, given: readonly unknown[], options: OwnCallOptions = {}): Handle<unknown> {
  return add(task, given, options, "calling", (value, place) =>
    inputOf(value instanceof Unmapped ? value.value : value, place),
  );
}

/** Adds a mapped call to the flow whose builder is running. */
export function addMap(task: UsableTask, given: readonly unknown[], options: CallOptions = {}): Handle<unknown> {
  if (given.length === 0) {
    throw new CloudburstError(
      "cannot_map",
      `.map of task "${task.name}" got no arguments: give it an iterable, or call the task without .map`,
    );
  }
  return add(task, given, options, "mapping", (value, place) =>
    value instanceof Unmapped ? plainInputOf(value.value, place) : eachOf(value, place),
  );
}

function add(
  task: UsableTask,
  given: readonly unknown[],
  options: OwnCallOptions,
  doing: string,
  toInput: (value: unknown, place: Place) => NodeInput,
): Handle<unknown> {
  checkArity(task.name, task.run, given.length);
  const builder = requireBuilder(
    `${doing} task "${task.name}"`,
    `use it inside the builder of flow(name, builder); to run its body elsewhere, as in a test, use ${task.name}.run(…)`,
  );
  const { after = [], awaits = [], takesTasks, name, label, isUpkeep, ...changed } = options;
  const placed = (what: string): Place => ({ scope: builder, what: `${what} of task "${task.name}"`, takesTasks });
  const inputs = given.map((value, index) => toInput(value, placed(`argument ${String(index + 1)}`)));
  const upstreams = after.map((upstream) => plainInputOf(upstream, placed("after")));
  return builder.addCall({
    task,
    inputs,
    after: nodesOf(upstreams.filter((input) => !holdsEach(input))),
    follows: upstreams.filter(holdsEach),
    awaits: nodesOf(awaits.map((upstream) => plainInputOf(upstream, placed("awaits")))),
    label,
    isUpkeep,
    ...(name !== undefined && { name }),
    options: Object.keys(changed).length === 0 ? task.nodeOptions : task.nodeOptionsWith(changed),
  });
}

function nodesOf(inputs: readonly NodeInput[]): readonly number[] {
  return [...new Set(inputs.flatMap((input) => [...nodesIn(input)]))];
}
