/** Where a task's result is kept: a template over what is known of a call, or a function of it. */
import { CloudburstError, InvalidOptionError } from "../base/errors.ts";
import { preview } from "./preview.ts";

/** What targets and cache validators may ask about a call. */
export interface CallFacts {
  readonly parameters: Readonly<Record<string, unknown>>;
  /** `flowName`, `flowRunId`, `taskName`, `taskSlug`, `mapIndex`, `date`, `today`, `todayNodash`, and the like. */
  readonly context: Readonly<Record<string, unknown>>;
  /** The arguments of the body, by the names of its parameters, or of the properties of its object argument. */
  readonly inputs: Readonly<Record<string, unknown>>;
}

export interface Target {
  readonly keyOf: (facts: CallFacts) => string;
  /** True unless the key can be told without the arguments of the call; `names` are those that the body's have. */
  readonly needsInputs: (names: ReadonlySet<string>) => boolean;
}

type Part = string | { readonly path: readonly [string, ...string[]] };

/**
 * A target as it is given: `"{name}/{mapIndex}.json"`, in which a name stands for an argument, for something of the
 * context or for a parameter, the first that there is, and `{a.b}` for a property of it; or a function.
 *
 * @throws {InvalidOptionError} for a template that makes no sense; `what` names it.
 */
export function parseTarget(what: string, given: unknown): Target {
  if (typeof given === "function") return functionTarget(what, given as (facts: CallFacts) => unknown);
  if (typeof given !== "string" || given === "") {
    throw new InvalidOptionError(
      `${what} must be a template such as "{taskName}/{today}", or a function, got ${preview(given)}`,
    );
  }
  const parts = partsOf(what, given);
  const first = parts.flatMap((part) => (typeof part === "string" ? [] : [part.path[0]]));
  return {
    keyOf: (facts) => parts.map((part) => (typeof part === "string" ? part : fill(what, part.path, facts))).join(""),
    needsInputs: (names) => first.some((name) => names.has(name)),
  };
}

function functionTarget(what: string, make: (facts: CallFacts) => unknown): Target {
  return {
    keyOf: (facts) => {
      const made = make(facts);
      if (typeof made === "string" && made !== "") return made;
      throw badTarget(`${what} gave ${preview(made)}: it must give a key, which is text`);
    },
    needsInputs: () => true,
  };
}

/** `{{` and `}}` stand for braces. */
function partsOf(what: string, template: string): readonly Part[] {
  const parts: Part[] = [];
  for (const [token] of template.matchAll(/\{\{|\}\}|\{[^{}]*\}|[{}]|[^{}]+/gu)) {
    if (token === "{{" || token === "}}") parts.push(token.charAt(0));
    else if (token.length > 1 && token.startsWith("{")) parts.push({ path: pathOf(what, token) });
    else if (token === "{" || token === "}")
      throw new InvalidOptionError(`${what} has a brace without its other half: write ${token}${token} for a brace`);
    else parts.push(token);
  }
  return parts;
}

function pathOf(what: string, token: string): readonly [string, ...string[]] {
  const [first = "", ...rest] = token.slice(1, -1).trim().split(".");
  if ([first, ...rest].every((name) => /^[\p{ID_Continue}$-]+$/u.test(name))) return [first, ...rest];
  throw new InvalidOptionError(`${what} holds ${token}, which is no name: write {name} or {name.property}`);
}

function fill(what: string, path: readonly [string, ...string[]], { inputs, context, parameters }: CallFacts): string {
  const [name, ...rest] = path;
  const place = [inputs, context, parameters].find((values) => Object.hasOwn(values, name));
  if (place === undefined) {
    const known = [...new Set([inputs, context, parameters].flatMap((values) => Object.keys(values)))];
    throw badTarget(`${what} names {${path.join(".")}}, which this call does not have; it has ${known.join(", ")}`);
  }
  const value = rest.reduce<unknown>(
    (of, key) => (typeof of === "object" && of !== null ? Reflect.get(of, key) : undefined),
    place[name],
  );
  const text = textOf(value);
  if (text !== undefined) return text;
  throw badTarget(
    `${what} names {${path.join(".")}}, which is ${preview(value)} here: text, numbers and dates have a place in a key`,
  );
}

function textOf(value: unknown): string | undefined {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "string" || typeof value === "boolean" || typeof value === "bigint") return String(value);
  return typeof value === "number" && Number.isFinite(value) ? String(value) : undefined;
}

function badTarget(message: string): CloudburstError {
  return new CloudburstError("bad_target", message);
}
