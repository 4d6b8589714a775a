/**
 * Native addons cannot travel in a bundle. Imports that may fail (a `require` in a try block, a dynamic import, a
 * loader that the package calls when it needs the addon) get a stand-in that says so when it is used; only an addon
 * that is certain to be loaded with the bundle refuses the flow.
 */
import { readFile } from "node:fs/promises";
import { relative, resolve, sep } from "node:path";
import { type Metafile, type Plugin, build as runBuild } from "esbuild";
import { isBuildFailure, unresolvedImport } from "./bundle-error.ts";

/** Packages that find an addon at run time, beside the file that calls them. */
const addonLoaders = /^(bindings|node-gyp-build|node-gyp-build-optional-packages|node-pre-gyp|@mapbox\/node-pre-gyp)$/;
const loaderNamespace = "cloudburst-addon-loader";

export function standInForAddons(): Plugin {
  return {
    name: "cloudburst-native-addons",
    setup(build) {
      build.onResolve({ filter: addonLoaders }, ({ importer }) => ({
        path: ownerOf(importer),
        namespace: loaderNamespace,
      }));
      build.onLoad({ filter: /.*/, namespace: loaderNamespace }, ({ path }) => ({
        contents: `module.exports = () => { ${refusal(path)} }; module.exports.find = module.exports;`,
      }));
      build.onLoad({ filter: /\.node$/ }, ({ path }) => ({
        contents: `${refusal(ownerOf(path))} module.exports = {};`,
      }));
    },
  };
}

/** An addon that the bundle would load at once, with the modules that lead to it, the flow's first. */
export interface FatalAddon {
  readonly file: string;
  readonly owner: string;
  readonly chain: readonly string[];
}

/** Looks for an addon that can be reached through imports that must succeed. */
export async function fatalAddon(metafile: Metafile, workingDir: string): Promise<FatalAddon | undefined> {
  for (const addon of Object.keys(metafile.inputs).filter((input) => input.endsWith(".node"))) {
    const chain = await certainChain(metafile, addon, workingDir);
    if (chain === undefined) continue;
    const file = resolve(workingDir, addon);
    return {
      file,
      owner: ownerOf(file),
      chain: chain.map((input) => relative(workingDir, resolve(workingDir, input))),
    };
  }
  return undefined;
}

/** From the entry down to the importer of `addon`, found breadth first from the addon upward. */
async function certainChain(metafile: Metafile, addon: string, workingDir: string): Promise<string[] | undefined> {
  const next = new Map<string, string | undefined>([[addon, undefined]]);
  for (const input of next.keys()) {
    for (const importer of await certainImporters(metafile, input, workingDir)) {
      if (importer === "<stdin>") return pathDown(next, input).slice(0, -1);
      if (!next.has(importer)) next.set(importer, input);
    }
  }
  return undefined;
}

function pathDown(next: ReadonlyMap<string, string | undefined>, from: string): string[] {
  const path: string[] = [];
  for (let input: string | undefined = from; input !== undefined; input = next.get(input)) path.push(input);
  return path;
}

async function certainImporters(metafile: Metafile, input: string, workingDir: string): Promise<readonly string[]> {
  const importers: string[] = [];
  for (const [importer, { imports }] of Object.entries(metafile.inputs)) {
    const edge = imports.find(({ path, kind }) => path === input && kind !== "dynamic-import");
    if (edge === undefined) continue;
    const mayFail =
      edge.kind === "require-call" && (await isGuarded(resolve(workingDir, importer), edge.original ?? ""));
    if (!mayFail) importers.push(importer);
  }
  return importers;
}

/** esbuild knows which requires stand in a try block: those may stay unresolved. Without a directory none is resolved. */
async function isGuarded(importer: string, specifier: string): Promise<boolean> {
  try {
    const contents = await readFile(importer, "utf8");
    await runBuild({
      stdin: { contents, loader: "tsx" },
      bundle: true,
      write: false,
      platform: "node",
      logLevel: "silent",
    });
    return true;
  } catch (error) {
    const problems = isBuildFailure(error) ? error.errors : [];
    return !problems.some((problem) => unresolvedImport(problem) === specifier);
  }
}

function refusal(owner: string): string {
  const message = `${owner} needs a native addon (${addonRemedy})`;
  return `throw new Error(${JSON.stringify(message)});`;
}

export const addonRemedy =
  "native addons cannot be bundled: keep the import out of the modules that define tasks, or install the package in " +
  "the worker image and load it inside the task with createRequire";

/** The package that a file belongs to, or the file itself. */
function ownerOf(file: string): string {
  const inPackages = file.split(`${sep}node_modules${sep}`).at(-1);
  if (inPackages === undefined || inPackages === file) return file;
  const parts = inPackages.split(sep);
  return `package "${parts.slice(0, parts[0]?.startsWith("@") === true ? 2 : 1).join("/")}"`;
}
