/** Tags for all tasks that a part of a builder adds. */
import { InvalidOptionError } from "../base/errors.ts";
import { preview } from "./preview.ts";
import { refusePromise } from "./refuse-promise.ts";

let around: readonly string[] = [];

/**
 * Gives tags to every task that `body` adds to a flow, besides those that it has: `tags("nightly", "europe", () => { … })`.
 * Scopes nest. Returns what `body` returns.
 *
 * @throws {InvalidOptionError} for tags that are no strings, and for a body that is no function.
 * @throws {CloudburstError} `async_builder` for an async body.
 */
export function tags<const R>(...given: readonly [string, ...string[], () => R]): R {
  const body: unknown = given.at(-1);
  if (typeof body !== "function") {
    throw new InvalidOptionError(`tags(…) needs a function as its last argument, got ${preview(body)}`);
  }
  const outer = around;
  around = joinTags(outer, checkTags("tags(…)", given.slice(0, -1)) ?? []) ?? [];
  try {
    const returned = (body as () => R)();
    refusePromise("the function given to tags", returned);
    return returned;
  } finally {
    around = outer;
  }
}

/** Those of the scopes around, besides `own`; undefined for none. */
export function withTagsAround(own: readonly string[] | undefined): readonly string[] | undefined {
  return around.length === 0 ? own : joinTags(own ?? [], around);
}

/**
 * Each once, sorted; undefined for none.
 *
 * @throws {InvalidOptionError} for what are no tags; `owner` says whose they would be.
 */
export function checkTags(owner: string, given: unknown): readonly string[] | undefined {
  if (given === undefined) return undefined;
  const areTags = Array.isArray(given) && given.every((tag) => typeof tag === "string" && tag !== "");
  if (!areTags) {
    throw new InvalidOptionError(
      `tags of ${owner} must be a list of strings such as ["nightly"], got ${preview(given)}`,
      { option: "tags" },
    );
  }
  const resource = (given as string[]).find((tag) => /^dask-resource:/i.test(tag));
  if (resource !== undefined) throw noResources(owner, resource);
  return joinTags(given as string[]);
}

function joinTags(...lists: readonly (readonly string[])[]): readonly string[] | undefined {
  const joined = [...new Set(lists.flat())].sort();
  return joined.length === 0 ? undefined : joined;
}

function noResources(owner: string, tag: string): InvalidOptionError {
  return new InvalidOptionError(
    `tag ${preview(tag)} of ${owner} asks for a resource of a Dask worker, which workers here do not have: all workers of ` +
      "a run are alike. Take the tag away, and give them what the task needs: clusterKwargs { cpu, memory }, and " +
      "threadsPerWorker: 1 where a call needs a worker for itself",
    { option: "tags" },
  );
}
