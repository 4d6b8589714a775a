import { CloudburstError } from "../base/errors.ts";

/** Refuses what an async function gives where flows are built; `what` names the function. */
export function refusePromise(what: string, returned: unknown): void {
  if (!(returned instanceof Promise)) return;
  returned.catch(() => undefined); // what it does later must not end the process: the error below says it all
  throw new CloudburstError(
    "async_builder",
    `${what} returned a promise: a builder must not be async; ` +
      "do what needs awaiting in a task, or before the flow is defined",
  );
}
