import type { z } from "zod";
import { InvalidOptionError } from "../base/errors.ts";
import { currentBuilder } from "./active-builder.ts";
import { FreeParameter } from "./free-parameter.ts";
import type { Handle } from "./handle.ts";
import { refuseUnknownOptions } from "./known-options.ts";
import { preview } from "./preview.ts";

export interface ParameterOptions<T> {
  /** What stands for the parameter in a run that gives no value. */
  readonly default?: T;
  /** A run without a value is refused. @default true without a default, else false */
  readonly required?: boolean | undefined;
}

export interface SchemaParameterOptions<S extends z.ZodType> extends ParameterOptions<z.input<S>> {
  /** Checks the value given, and the default. */
  readonly schema: S;
}

/** Both spellings do the same: `Parameter<number>("stop")` and `new Parameter<number>("stop")`. */
export interface ParameterFactory {
  <S extends z.ZodType>(name: string, options: SchemaParameterOptions<S>): Handle<z.output<S>>;
  <T = unknown>(name: string, options?: ParameterOptions<T>): Handle<T>;
  new <S extends z.ZodType>(name: string, options: SchemaParameterOptions<S>): Handle<z.output<S>>;
  new <T = unknown>(name: string, options?: ParameterOptions<T>): Handle<T>;
}

/** A `new` of a function that returns an object gives that object, so that one function serves both spellings. */
function declareParameter(name: string, options: Partial<SchemaParameterOptions<z.ZodType>> = {}): Handle<unknown> {
  if (typeof name !== "string" || name === "") {
    throw new InvalidOptionError(`the name of a parameter must be a string that is not empty, got ${preview(name)}`);
  }
  refuseUnknownOptions(`parameter "${name}"`, options, ["default", "required", "schema"]);
  const declared = {
    required: options.required ?? !("default" in options),
    default: options.default,
    schema: options.schema,
  };
  return currentBuilder()?.addParameter(name, declared) ?? new FreeParameter(name, declared);
}

/**
 * Declares a parameter of the flow whose builder is running, and returns its handle. Outside of any builder the
 * parameter belongs to each flow that it is used in.
 *
 * @throws {CloudburstError} `duplicate_slug` when the flow has a parameter of that name.
 */
export const Parameter = declareParameter as unknown as ParameterFactory;
