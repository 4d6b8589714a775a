/**
 * Something that a part of a flow needs set up before, and cleaned up after: as three tasks, `Name`, `Name.setup` and
 * `Name.cleanup`, which may run on three workers. So what `setup` returns must be able to travel, as any result.
 */
import { InvalidOptionError } from "../base/errors.ts";
import type { CallArguments } from "./argument.ts";
import type { Block, BlockContent } from "./block.ts";
import type { Handle } from "./handle.ts";
import { refuseUnknownOptions } from "./known-options.ts";
import { preview } from "./preview.ts";
import { type BlockOptions, runBlock } from "./run-block.ts";
import { SKIP } from "./signals.ts";
import { type Task, task } from "./task.ts";
import { addCall } from "./task-call.ts";
import type { Trigger } from "./trigger.ts";

/** A resource, said by two functions; both get the arguments that the manager was given in the flow. */
export interface ResourceFunctions<Args extends readonly unknown[], R> {
  readonly name: string;
  /** @default gives undefined */
  readonly setup?: ((...args: Args) => R) | undefined;
  readonly cleanup: (resource: Awaited<NoInfer<R>>, ...args: Args) => unknown;
}

/** A resource, said by a class: an instance is made anew, of the same arguments, wherever one is needed. */
export type ResourceClass<Args extends readonly unknown[], R> = new (...args: Args) => {
  setup?(): R;
  cleanup(resource: Awaited<R>): unknown;
};

/** Makes a resource of the arguments, for use in a flow: `database(url).use((connection) => load(connection))`. */
export type ResourceManager<Args extends readonly unknown[], R> = (...args: CallArguments<Args>) => Resource<R>;

export interface Resource<R> {
  /**
   * Adds what `block` adds: its tasks run after the setting up, and before the cleaning up, which happens whatever
   * became of them, once the resource was there. Returns what the block returns.
   *
   * @throws {CloudburstError} `no_active_flow` without a flow, `async_builder` for an async block.
   */
  use<const T>(block: (resource: Handle<R>) => T, options?: BlockOptions): T;
}

/**
 * Declares a resource; like tasks, at the top level of a module. Cleaning up is skipped where setting up failed or was
 * skipped, and never decides how the flow ends.
 *
 * @throws {InvalidOptionError} for a missing name, and for what should be a function and is none.
 */
export function resourceManager<Args extends readonly unknown[], R = undefined>(
  resource: ResourceFunctions<Args, R> | ResourceClass<Args, R>,
): ResourceManager<Args, Awaited<R>>;
export function resourceManager(given: AnyFunctions | AnyClass): ResourceManager<readonly unknown[], unknown> {
  const { name, init, setup, cleanup } = typeof given === "function" ? ofClass(given) : checked(given);
  const tasks: ResourceTasks = {
    init: task(name, (...args: readonly unknown[]) => init(args)),
    setup: task(`${name}.setup`, (args: readonly unknown[]) => setup(args)),
    cleanup: task(`${name}.cleanup`, (resource: unknown, args: readonly unknown[]) => cleanup(resource, args), {
      trigger: resourceThere,
      skipOnUpstreamSkip: false,
    }),
  };
  return (...args) => ({
    use: (body, options = {}) => useResource(tasks, args, body as (resource: Handle<unknown>) => never, options),
  });
}

type AnyFunctions = ResourceFunctions<readonly unknown[], unknown>;
type AnyClass = ResourceClass<readonly unknown[], unknown>;

interface Behaviour {
  readonly name: string;
  /** Gives what the other two are called with. */
  readonly init: (args: readonly unknown[]) => readonly unknown[];
  readonly setup: (args: readonly unknown[]) => unknown;
  readonly cleanup: (resource: unknown, args: readonly unknown[]) => unknown;
}

interface ResourceTasks {
  readonly init: Task<readonly unknown[], readonly unknown[]>;
  readonly setup: Task<[args: readonly unknown[]], unknown>;
  readonly cleanup: Task<[resource: unknown, args: readonly unknown[]], unknown>;
}

/** Asked about `Name` and `Name.setup` alone: what else must have finished does not count. */
const resourceThere: Trigger = {
  name: "resource_there",
  test: ({ total, successful, skipped }) => {
    if (successful - skipped === total) return true;
    throw new SKIP("Resource init or setup failed or was skipped.");
  },
  message: "", // it is met, or skips
};

function ofClass(made: AnyClass): Behaviour {
  const { cleanup } = made.prototype as { readonly cleanup?: unknown };
  checkFunction(`cleanup of resource class "${made.name}"`, cleanup);
  return {
    name: made.name,
    init: (args) => {
      new made(...args); // what the constructor refuses is told here, under the resource's own name
      return args;
    },
    setup: (args) => new made(...args).setup?.(),
    cleanup: (resource, args) => new made(...args).cleanup(resource),
  };
}

function checked(given: AnyFunctions): Behaviour {
  refuseUnknownOptions("resourceManager", given, ["name", "setup", "cleanup"]);
  const { name, setup = () => undefined, cleanup } = given;
  checkFunction(`setup of resource "${name}"`, setup);
  checkFunction(`cleanup of resource "${name}"`, cleanup);
  return {
    name,
    init: (args) => args,
    setup: (args) => setup(...args),
    cleanup: (resource, args) => cleanup(resource, ...args),
  };
}

function checkFunction(what: string, given: unknown): void {
  if (typeof given !== "function") throw new InvalidOptionError(`${what} must be a function, got ${preview(given)}`);
}

function useResource<T>(
  tasks: ResourceTasks,
  args: readonly unknown[],
  body: (resource: Handle<unknown>) => T,
  options: BlockOptions,
): T {
  return runBlock(
    "the use of a resource",
    { end: () => undefined },
    () => {
      const init = addCall(tasks.init, args);
      const setup = addCall(tasks.setup, [init]);
      let leaves: readonly Handle<unknown>[] = [];
      const block: Block = {
        end: (content: BlockContent) => {
          for (const root of content.roots) root.setUpstream(setup);
          leaves = content.leaves;
        },
      };
      const returned = runBlock("the block of a resource", block, () => body(setup), options);
      addCall(tasks.cleanup, [setup, init], { awaits: leaves, isUpkeep: true });
      return returned;
    },
    options,
  );
}
