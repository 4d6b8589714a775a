/** What a bundle gets in place of the driver's own tools (authoring.ts). */
import { CloudburstError } from "../base/errors.ts";

/**
 * Stands for what a module's top level may use before it runs its flow, such as a progress line: whatever is done
 * with it gives the same again, and nothing happens.
 */
export function inertFunction(): unknown {
  return new Proxy(() => undefined, inertness);
}

/** The same for a plain object. */
export function inertObject(): unknown {
  return new Proxy({}, inertness);
}

const inertness: ProxyHandler<object> = {
  get: (_, property) => {
    if (property === "then") return undefined; // awaited, it is its own result
    if (property === Symbol.toPrimitive) return () => "";
    if (property === Symbol.iterator) return () => [][Symbol.iterator]();
    return inertFunction();
  },
  set: () => true,
  apply: inertFunction,
  construct: () => new Proxy({}, inertness),
};

/** Stands for what makes sense only after a run: on a worker its use can only be a mistake. */
export function driverOnly(name: string): () => never {
  return () => {
    throw new CloudburstError(
      "driver_only",
      `${name} belongs to the driver, and this code runs on a worker (use it after \`flow.run()\`, not inside a task)`,
      { data: { name } },
    );
  };
}
