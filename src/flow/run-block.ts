import { currentBuilder, requireBuilder, withBuilder } from "./active-builder.ts";
import type { Block } from "./block.ts";
import type { BuilderScope } from "./builder-scope.ts";
import { refusePromise } from "./refuse-promise.ts";

export interface BlockOptions {
  /** The flow that gets the tasks. @default the flow whose builder is running */
  readonly flow?: { readonly scope: BuilderScope } | undefined;
}

/**
 * Runs `body` as the inside of a block of the flow. `what` names the function in errors: `the block of caseOf`. Inside,
 * tasks may be called even where the flow is built task by task.
 *
 * @throws {CloudburstError} `no_active_flow` without a flow, `async_builder` for a body that is async.
 */
export function runBlock<R>(what: string, block: Block, body: () => R, { flow }: BlockOptions = {}): R {
  const scope = flow?.scope ?? requireBuilder(`running ${what}`, "use it inside the builder of flow(name, builder)");
  const run = (): R =>
    scope.inBlock(block, () => {
      const returned = body();
      refusePromise(what, returned);
      return returned;
    });
  return currentBuilder() === scope ? run() : withBuilder(scope, run);
}
