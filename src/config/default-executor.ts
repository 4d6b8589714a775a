/** The executor that the configuration names. */
import { InvalidOptionError } from "../base/errors.ts";
import type { Config } from "./config.ts";
import { variableOf } from "./environment.ts";
import { importExport } from "./import-module.ts";
import { type ConfigPlaces, loadConfig } from "./load-config.ts";

/** How each executor that the library brings is made of the configuration, by name. */
export type ExecutorTable<E> = Readonly<Record<string, (config: Config) => E>>;

const DEFAULT_CLASS = "engine.executor.defaultClass";

/** Prefect's executors and their counterparts here. */
const counterparts: ReadonlyMap<string, string> = new Map([
  ["DaskExecutor", "FargateExecutor"],
  ["LocalDaskExecutor", "ParallelExecutor"],
]);

/**
 * The executor of flows that name none.
 *
 * @param otherwise its name where nothing is configured
 * @throws {InvalidOptionError} when the class cannot be found: running elsewhere than asked would be worse.
 * @throws {CloudburstError} `import_failed` when the module that is named cannot be loaded.
 */
export async function createDefaultExecutor<E>(
  executors: ExecutorTable<E>,
  places: ConfigPlaces,
  otherwise = "LocalExecutor",
): Promise<E> {
  const { config, sources } = await loadConfig(places);
  const chosen = config.engine.executor.defaultClass ?? otherwise;
  if (typeof chosen !== "string") return make(chosen) as E; // the engine checks what comes
  if (chosen.includes("#")) return make(await importExport(chosen, places.directory)) as E;
  const [source = DEFAULT_CLASS] = sources(DEFAULT_CLASS);
  const create = findExecutor(chosen, executors, source);
  try {
    return create(config);
  } catch (thrown) {
    const origins = sources("engine.executor.fargate").join(", ");
    if (!(thrown instanceof InvalidOptionError) || origins === "") throw thrown;
    throw new InvalidOptionError(`${thrown.message} (set by ${origins})`, thrown.data);
  }
}

function findExecutor<E>(given: string, executors: ExecutorTable<E>, source: string): (config: Config) => E {
  const name = counterpartOf(given);
  const create = Object.hasOwn(executors, name) ? executors[name] : undefined;
  if (create !== undefined) return create;
  const meant = name === given ? "" : ` (whose counterpart would be ${name})`;
  throw new InvalidOptionError(
    `there is no executor ${given}${meant}, which ${source} asks for: allowed are ` +
      `${Object.keys(executors).sort().join(", ")}, or a class of yours as ${variableOf(DEFAULT_CLASS)}=module#Export`,
    { given, allowed: Object.keys(executors) },
  );
}

/** `prefect.engine.executors.DaskExecutor`, `prefect.executors.DaskExecutor` and plain `DaskExecutor` are all the same. */
function counterpartOf(given: string): string {
  const name = given.startsWith("prefect.") ? given.slice(given.lastIndexOf(".") + 1) : given;
  return counterparts.get(name) ?? name;
}

/** An instance of the class, what the function makes, or the executor itself. */
function make(given: unknown): unknown {
  if (typeof given !== "function") return given;
  const isClass = Function.prototype.toString.call(given).startsWith("class");
  return isClass ? (Reflect.construct(given, []) as unknown) : (given as () => unknown)();
}
