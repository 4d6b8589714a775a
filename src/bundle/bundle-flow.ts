/**
 * Turns the modules of a flow into the one file that workers load.
 *
 * B1 The bundle evaluates every module that defines one of the flow's tasks, and the flow's own module last, because
 *    that one may stop at `await flow.run()`.
 * B2 Whatever imports Cloudburst gets the authoring stub: a bundle never holds the engine, an executor or the AWS SDK.
 * B3 Stack traces lead to the files that the user wrote: the inline source map names them by absolute URL.
 * B4 Building leaves nothing behind: no file on disk, and nothing that keeps the process alive.
 */
import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { type BuildOptions, type BuildResult, type Plugin, build as runBuild } from "esbuild";
import type { CloudburstError } from "../base/errors.ts";
import { redirectToAuthoring } from "./authoring-redirect.ts";
import { bundleError, toBundleError } from "./bundle-error.ts";
import { type FatalAddon, addonRemedy, fatalAddon, standInForAddons } from "./native-addons.ts";
import { inlineSourceMap } from "./source-map.ts";

/** What a flow consists of, as far as the bundler cares. */
export interface BundleSource {
  /** Absolute path of the module that defined the flow; undefined when it could not be told. */
  readonly entry: string | undefined;
  /** Absolute paths of the modules that defined its tasks, in any order, with or without `entry`. */
  readonly modules: readonly string[];
  readonly flowName: string;
  readonly taskNames: readonly string[];
}

/** A flow's code as one ES module. */
export interface FlowBundle {
  /** UTF-8, source map included. */
  readonly code: Uint8Array;
  /** Of `code`, in lower-case hex: the bundle's name. */
  readonly sha256: string;
  /** Absolute paths of the files that went into it. */
  readonly inputs: readonly string[];
}

type Built = BuildResult<{ metafile: true; write: false }>;

/**
 * @throws CloudburstError `bundle_entry_unknown`: the flow was not defined in a module;
 * `bundle_module_missing`: one of its modules is not on disk; `bundle_failed`: syntax error, import that cannot be
 * resolved; `bundle_native_addon`: an import that cannot travel
 */
export async function bundleFlow(source: BundleSource): Promise<FlowBundle> {
  const modules = await modulesOf(source);
  const workingDir = dirname(modules.at(-1) ?? process.cwd());
  const built = await buildModules(source.flowName, modules, workingDir);
  const addon = await fatalAddon(built.metafile, workingDir);
  if (addon !== undefined) throw addonError(source.flowName, addon);
  const code = inlineSourceMap(built.outputFiles, workingDir);
  return { code, sha256: createHash("sha256").update(code).digest("hex"), inputs: inputsOf(built, workingDir) };
}

/** B1: without duplicates, the flow's own last. */
async function modulesOf(source: BundleSource): Promise<readonly string[]> {
  const entry = source.entry;
  if (entry === undefined || !isModulePath(entry)) throw entryUnknown(source);
  const paths = await Promise.all([...source.modules, entry].map((path) => existing(source.flowName, path)));
  const own = paths.at(-1);
  return [...new Set(paths.filter((path) => path !== own)), ...paths.slice(-1)];
}

/** `node -e`, the REPL and standard input give their code names such as `[eval1]`. */
function isModulePath(path: string): boolean {
  return isAbsolute(path) && !/^[[<].*[\]>]$/.test(basename(path));
}

async function existing(flowName: string, path: string): Promise<string> {
  try {
    return await realpath(path); // as esbuild names what it resolves itself; one file under two names would run twice
  } catch (cause) {
    const remedy = "if it was compiled, build it again, so that its source map names files that exist";
    throw bundleError("bundle_module_missing", flowName, `its module ${path} is not on disk (${remedy})`, {
      cause,
      data: { file: path },
    });
  }
}

async function buildModules(flowName: string, modules: readonly string[], workingDir: string): Promise<Built> {
  try {
    const built = await runBuild(optionsFor(modules, workingDir));
    // A project that declares itself free of side effects loses `import "./tasks.ts"`, which Node would have run.
    const lostImport = built.warnings.some((warning) => warning.id === "ignored-bare-import");
    return lostImport ? await runBuild({ ...optionsFor(modules, workingDir), ignoreAnnotations: true }) : built;
  } catch (error) {
    throw toBundleError(flowName, error, workingDir);
  }
}

function optionsFor(modules: readonly string[], workingDir: string) {
  return {
    stdin: { contents: modules.map((_, at) => `import "cloudburst-module:${String(at)}";`).join("\n") },
    absWorkingDir: workingDir,
    outfile: join(workingDir, "cloudburst-bundle.mjs"), // never written: what sources are relative to
    write: false,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    treeShaking: true,
    keepNames: true,
    minifyWhitespace: true, // a fifth smaller; the source map gives back lines and columns
    legalComments: "none",
    banner: { js: commonJsHelp },
    sourcemap: "external",
    sourcesContent: false,
    metafile: true,
    logLevel: "silent",
    plugins: [entryModules(modules), redirectToAuthoring(), standInForAddons()],
  } as const satisfies BuildOptions;
}

/**
 * CommonJS dependencies expect these, and so does TypeScript that is written as ES modules and compiled to CommonJS, in which
 * `require.main === module` is false here: no worker runs what belongs to the script. esbuild renames variables of the
 * same name in ES modules.
 */
const commonJsHelp = [
  'import { createRequire as __cloudburstCreateRequire } from "node:module";',
  'import { fileURLToPath as __cloudburstToPath } from "node:url";',
  "const require = __cloudburstCreateRequire(import.meta.url);",
  "const __filename = __cloudburstToPath(import.meta.url);",
  'const __dirname = __cloudburstToPath(new URL(".", import.meta.url));',
  "const module = { exports: {} }, exports = module.exports;",
].join("");

/** Evaluated for what they do, whatever the project's package.json says of side effects. */
function entryModules(modules: readonly string[]): Plugin {
  const prefix = "cloudburst-module:";
  return {
    name: "cloudburst-modules",
    setup(build) {
      build.onResolve({ filter: new RegExp(`^${prefix}`) }, ({ path }) => {
        const module = modules[Number(path.slice(prefix.length))];
        return module === undefined ? null : { path: module, sideEffects: true };
      });
    },
  };
}

function inputsOf(built: Built, workingDir: string): readonly string[] {
  const ofDisk = Object.keys(built.metafile.inputs).filter(
    (input) => input !== "<stdin>" && !/^[\w-]{2,}:/.test(input),
  );
  return ofDisk.map((input) => resolve(workingDir, input));
}

function entryUnknown({ flowName, taskNames, entry }: BundleSource): CloudburstError {
  const what = taskNames.length === 0 ? "it was" : `it and its tasks ${taskNames.join(", ")} were`;
  const where = entry ?? "code that belongs to no file";
  const remedy = "move flow and tasks from eval, the REPL or standard input into a file, or run it with LocalExecutor";
  const reason = `${what} defined in ${where}, not in a module (${remedy})`;
  return bundleError("bundle_entry_unknown", flowName, reason, { data: { entry } });
}

function addonError(flowName: string, { owner, file, chain }: FatalAddon): CloudburstError {
  const reason = `${owner} needs the native addon ${file}, imported by ${chain.join(" > ")} (${addonRemedy})`;
  return bundleError("bundle_native_addon", flowName, reason, { data: { file, chain } });
}
