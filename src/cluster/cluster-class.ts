/** Finds what opens clusters: by a built-in name, in a module, as a class, or as a function. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { CloudburstError, InvalidOptionError, toError } from "../base/errors.ts";
import type { OpenCluster } from "./cluster.ts";
import { FargateCluster } from "./fargate-cluster.ts";
import { LocalCluster } from "./local-cluster.ts";

/** Opens a cluster for each run. */
export interface ClusterOpener {
  readonly open: OpenCluster;
}

/** A class whose instances open clusters; it is made once, with `clusterKwargs`. */
export type ClusterClass = new (kwargs: never) => ClusterOpener;
/** A function that gives what opens clusters; it is called once, with `clusterKwargs`. */
export type ClusterFunction = (kwargs: never) => OpenCluster | ClusterOpener;
/** `module#Export`; a module that begins with `.` or `/` is a file, seen from the working directory. */
export type ClusterModule = `${string}#${string}`;

export type Kwargs = Readonly<Record<string, unknown>>;

const builtIn: ReadonlyMap<string, ClusterClass> = new Map<string, ClusterClass>([
  ["LocalCluster", LocalCluster],
  ["FargateCluster", FargateCluster],
]);

const moduleForm = /^(?<module>[^#]+)#(?<name>[A-Za-z_$][\w$]*)$/;

/**
 * What is not in a module of its own is made at once, so that wrong options are found before anything is started.
 * @throws InvalidOptionError when there is no such class, or it refuses its options
 */
export function resolveClusterClass(clusterClass: unknown, kwargs: Kwargs): OpenCluster {
  if (typeof clusterClass === "function") return openerOf(clusterClass, kwargs, clusterClass.name || "the function");
  const known = typeof clusterClass === "string" ? builtIn.get(clusterClass) : undefined;
  if (known !== undefined) return openerOf(known, kwargs, String(clusterClass));
  const groups = typeof clusterClass === "string" ? moduleForm.exec(clusterClass)?.groups : undefined;
  if (groups === undefined) {
    const names = [...builtIn.keys()].map((name) => `"${name}"`).join(", ");
    throw new InvalidOptionError(
      `\`clusterClass\` must be ${names}, "module#Export", a class or a function, got ${JSON.stringify(clusterClass)}`,
    );
  }
  const { module = "", name = "" } = groups;
  let opening: Promise<OpenCluster> | undefined;
  return async (run) => {
    const open = await (opening ??= importOpener(module, name, kwargs));
    return await open(run);
  };
}

/** @throws CloudburstError `no_cluster_class` when the module or the export is not there */
async function importOpener(module: string, name: string, kwargs: Kwargs): Promise<OpenCluster> {
  const what = `clusterClass "${module}#${name}"`;
  const isFile = /^(\.|\/|[A-Za-z]:\\)/.test(module);
  const exports = await importModule(isFile ? pathToFileURL(resolve(module)).href : module, what);
  const found: unknown = Reflect.get(exports, name);
  if (typeof found === "function") return openerOf(found, kwargs, what);
  const names = Object.keys(exports).join(", ");
  throw new CloudburstError(
    "no_cluster_class",
    `${what} is not a class or a function (the module exports ${names === "" ? "nothing" : names})`,
  );
}

async function importModule(specifier: string, what: string): Promise<object> {
  try {
    const exports: unknown = await import(specifier);
    return typeof exports === "object" && exports !== null ? exports : {};
  } catch (error) {
    throw new CloudburstError("no_cluster_class", `${what} cannot be imported: ${toError(error).message}`, {
      cause: error,
    });
  }
}

// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- a user's function: all that is known of it
function openerOf(given: Function, kwargs: Kwargs, what: string): OpenCluster {
  const made: unknown = isClass(given) ? Reflect.construct(given, [kwargs]) : Reflect.apply(given, undefined, [kwargs]);
  if (isOpen(made)) return made;
  const open: unknown = typeof made === "object" && made !== null ? Reflect.get(made, "open") : undefined;
  if (isOpen(open)) return (run) => open.call(made, run);
  throw new InvalidOptionError(
    `\`clusterClass\` ${what} must give a function that opens a cluster, or an object with \`open(run)\``,
  );
}

// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- as above
function isClass(given: Function): boolean {
  return /^class\b/.test(Function.prototype.toString.call(given));
}

function isOpen(value: unknown): value is OpenCluster {
  return typeof value === "function";
}
