/** Which flow's builder is running. Builders are synchronous and do not nest, so that there is at most one. */

import { CloudburstError } from "../base/errors.ts";
import type { FlowLike, FlowScope } from "./flow-scope.ts";
import type { BuilderScope } from "./builder-scope.ts";
import { whileBuilding } from "./building.ts";

let active: BuilderScope | undefined;

/** Runs `body` with `builder` as the one that calls of tasks go to. */
export function withBuilder<T>(builder: BuilderScope, body: () => T): T {
  if (active !== undefined) {
    throw new CloudburstError(
      "nested_flow",
      `flow "${builder.flowName}" is defined inside the builder of flow "${active.flowName}": ` +
        "define it outside, or make what both need a function that calls the tasks",
    );
  }
  active = builder;
  try {
    return whileBuilding(body);
  } finally {
    active = undefined;
  }
}

/** The flow whose builder is running, if any. */
export function currentBuilder(): BuilderScope | undefined {
  return active;
}

/** The flow whose builder is running; `doing` and `remedy` complete the error where there is none. */
export function requireBuilder(doing: string, remedy: string): BuilderScope {
  if (active !== undefined) return active;
  throw new CloudburstError("no_active_flow", `Could not infer an active Flow context while ${doing}: ${remedy}`);
}

/** The flow that an edge is added to: the one named, else the one whose builder is running. */
export function requireScope(named: FlowLike | undefined): FlowScope {
  const scope = named === undefined ? active : named.scope;
  if (scope !== undefined) return scope;
  throw new CloudburstError(
    "no_active_flow",
    "No Flow was passed, and could not infer an active Flow context. (give the flow as { flow: myFlow })",
  );
}
