/** Makes one message of what esbuild says about modules that cannot be bundled. */
import { resolve } from "node:path";
import type { BuildFailure, Message } from "esbuild";
import { CloudburstError, toError } from "../base/errors.ts";

/** An error of the bundler: what cannot be done to which flow, and why. */
export function bundleError(
  code: string,
  flowName: string,
  reason: string,
  details: { readonly cause?: unknown; readonly data?: Readonly<Record<string, unknown>> } = {},
): CloudburstError {
  const message = `flow "${flowName}" cannot be bundled for the workers: ${reason}`;
  return new CloudburstError(code, message, { cause: details.cause, data: { flow: flowName, ...details.data } });
}

/** What esbuild threw as an error that names file and line of the first problem. */
export function toBundleError(flowName: string, thrown: unknown, workingDir: string): CloudburstError {
  const problems = isBuildFailure(thrown) ? thrown.errors : [];
  const first = problems[0];
  if (first === undefined) return bundleError("bundle_failed", flowName, toError(thrown).message, { cause: thrown });
  const more = problems.length > 1 ? `; and ${String(problems.length - 1)} more` : "";
  return bundleError("bundle_failed", flowName, describe(first, workingDir) + more, {
    cause: thrown,
    data: { ...placeOf(first, workingDir) },
  });
}

export function isBuildFailure(thrown: unknown): thrown is BuildFailure {
  return thrown instanceof Error && "errors" in thrown && Array.isArray(thrown.errors);
}

/** The import that a problem is about when it could not be resolved. esbuild gives such problems no id, only a text. */
export function unresolvedImport(problem: Message): string | undefined {
  return /^Could not resolve "(.+)"$/.exec(problem.text)?.[1];
}

function describe(problem: Message, workingDir: string): string {
  const place = placeOf(problem, workingDir);
  const at = place === undefined ? "" : `${place.file}:${String(place.line)}:${String(place.column)}`;
  const specifier = unresolvedImport(problem);
  if (specifier === undefined) return at === "" ? problem.text : `${problem.text} (${at})`;
  return `cannot find "${specifier}", imported at ${at} (${remedyFor(specifier, problem)})`;
}

/** A note with a place explains (`"./x" is not exported by package "y"`); one without only tells of esbuild's options. */
function remedyFor(specifier: string, problem: Message): string {
  const explanation = problem.notes.find((note) => note.location !== null);
  if (explanation !== undefined) return lowerFirst(explanation.text.replace(/:$/, ""));
  return isPackage(specifier)
    ? `npm install ${packageName(specifier)}`
    : "no such file; check the path and its extension";
}

const isPackage = (specifier: string): boolean => /^(@[\w.-]+\/)?\w[\w.-]*(\/|$)/.test(specifier);

/** `@scope/name/deep` and `name/deep` without the path inside the package. */
function packageName(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/** Line and column count from 1, as editors do. */
function placeOf(problem: Message, workingDir: string) {
  const location = problem.location;
  if (location === null) return undefined;
  return { file: resolve(workingDir, location.file), line: location.line, column: location.column + 1 };
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
