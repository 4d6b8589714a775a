/** What calls can ask of their run, on its way to the workers: each value encoded by itself, and decoded when it is asked for. */
import type { RunFacts } from "../base/run-facts.ts";
import { unsendableMark } from "./pack.ts";
import { decodeValue, encodeValue, UnsendableValueError } from "./values.ts";

type Lines = Readonly<Record<string, string>>;

export interface WireRunFacts extends Omit<RunFacts, "parameters" | "context"> {
  readonly parameters: Lines;
  readonly context: Lines;
}

/**
 * A parameter that cannot travel is refused where a task asks for it: most are for the driver's part of the flow alone.
 *
 * @throws UnsendableValueError for a key of the user's context that cannot travel: it is meant for the tasks.
 */
export function toWireFacts({ parameters, context, ...rest }: RunFacts): WireRunFacts {
  return {
    ...rest,
    parameters: linesOf(parameters, (name, value) => parameterLine(`parameter ${name}`, value)),
    context: linesOf(context, (key, value) => encodeValue(value, `context.${key}`)),
  };
}

export function fromWireFacts({ parameters, context, ...rest }: WireRunFacts): RunFacts {
  return { ...rest, parameters: lazyValues(parameters), context: lazyValues(context) };
}

function linesOf(values: Readonly<Record<string, unknown>>, lineOf: (key: string, value: unknown) => string): Lines {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, lineOf(key, value)]));
}

function parameterLine(what: string, value: unknown): string {
  try {
    return encodeValue(value, what);
  } catch (error) {
    if (!(error instanceof UnsendableValueError)) throw error;
    return `${unsendableMark}${encodeValue(error, what)}`;
  }
}

/** Large parameters would take every slot's time and memory, though hardly a task asks for them here. */
function lazyValues(lines: Lines): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  for (const [key, line] of Object.entries(lines)) {
    const get = (): unknown => {
      if (line.startsWith(unsendableMark)) throw decodeValue(line.slice(1));
      const value = decodeValue(line);
      Object.defineProperty(values, key, { value, enumerable: true });
      return value;
    };
    Object.defineProperty(values, key, { get, enumerable: true, configurable: true });
  }
  return values;
}

/** Values that were kept for a driver that resumes the run, and the names of those that could not be. */
export function keptValues(lines: Lines): {
  readonly values: Readonly<Record<string, unknown>>;
  readonly lost: readonly string[];
} {
  const isLost = ([, line]: readonly [string, string]): boolean => line.startsWith(unsendableMark);
  const entries = Object.entries(lines);
  const kept = entries.filter((entry) => !isLost(entry)).map(([name, line]) => [name, decodeValue(line)] as const);
  return { values: Object.fromEntries(kept), lost: entries.filter(isLost).map(([name]) => name) };
}
