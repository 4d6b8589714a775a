/** Imports modules that users name: config files, and `module#Export`. */
import { createRequire } from "node:module";
import { isAbsolute, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { CloudburstError, toError } from "../base/errors.ts";

export type Module = Readonly<Record<string, unknown>>;

/** What Node says when it cannot load TypeScript by itself. */
const needsLoader = new Set(["ERR_UNKNOWN_FILE_EXTENSION", "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX"]);

/** Imports a file, TypeScript or JavaScript. */
export async function importFile(path: string): Promise<Module> {
  const url = pathToFileURL(path).href;
  try {
    return (await import(url)) as Module; // works for TypeScript as well where a loader runs already
  } catch (thrown) {
    if (!needsLoader.has(String(Reflect.get(toError(thrown), "code")))) throw thrown;
  }
  const { tsImport } = await import("tsx/esm/api");
  return (await tsImport(url, import.meta.url)) as Module;
}

/**
 * What `module#Export` names; a module is a path, relative to `directory`, or a package that can be found from there.
 *
 * @throws {CloudburstError} `import_failed` when the module cannot be loaded or has no such export.
 */
export async function importExport(reference: string, directory: string): Promise<unknown> {
  const at = reference.lastIndexOf("#");
  const [specifier, name] = [reference.slice(0, at), reference.slice(at + 1)];
  const module = await importFrom(specifier, directory).catch((thrown: unknown) => {
    const message = `${reference}: module ${specifier} cannot be loaded: ${toError(thrown).message}`;
    throw new CloudburstError("import_failed", message, { cause: thrown, data: { reference } });
  });
  if (module[name] !== undefined) return module[name];
  const names = Object.keys(module).join(", ");
  throw new CloudburstError(
    "import_failed",
    `${reference}: module ${specifier} has no export "${name}" (it has: ${names || "none"})`,
    { data: { reference } },
  );
}

async function importFrom(specifier: string, directory: string): Promise<Module> {
  if (specifier.startsWith(".") || isAbsolute(specifier)) return await importFile(resolve(directory, specifier));
  return await importFile(createRequire(join(directory, "package.json")).resolve(specifier));
}

/** The default export; a TypeScript file in a package without `"type": "module"` has it one level deeper. */
export function defaultExport(module: Module): unknown {
  const { default: exported } = module;
  const nested = typeof exported === "object" && exported !== null && "default" in exported;
  return nested ? exported.default : exported;
}
