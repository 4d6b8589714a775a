/** Turns what a user gives as an argument into an input of a node. */

import { CloudburstError } from "../base/errors.ts";
import { Mapped, Unmapped } from "./annotations.ts";
import { Callable } from "./callable.ts";
import type { EachInput, NodeInput } from "./graph.ts";
import type { FlowScope } from "./flow-scope.ts";
import { Reference } from "./handle.ts";
import { preview, typeName } from "./preview.ts";

/** Where a value is given: in which flow, and in words (`argument 1 of task "inc"`). */
export interface Place {
  readonly scope: FlowScope;
  readonly what: string;
  /** A task itself may be given, and stands for its own node. @default false */
  readonly takesTasks?: boolean | undefined;
}

/** The input for a value, with handles and `mapped(x)` anywhere inside. */
export function inputOf(given: unknown, place: Place): NodeInput {
  return convert(given, place, true);
}

/** The input for a value that must not hold `mapped(x)`. */
export function plainInputOf(given: unknown, place: Place): NodeInput {
  return convert(given, place, false);
}

/** The input that gives child i element i of what stands for an iterable. */
export function eachOf(given: unknown, place: Place): EachInput {
  if (place.scope.isMapping) throw alreadyMapped(place);
  if (given instanceof Mapped) return eachOf(given.value, place);
  if (given instanceof Reference || given instanceof Callable) return { kind: "each", of: plainInputOf(given, place) };
  if (!isIterable(given)) throw notIterable(given, place);
  return { kind: "each", of: plainInputOf(Array.from(given), place) };
}

function convert(given: unknown, place: Place, mayMap: boolean): NodeInput {
  const walk: Walk = { place, mayMap, ancestors: new Set(), metCycle: false };
  const input = read(given, walk);
  if (input === undefined) return { kind: "value", value: given };
  if (!walk.metCycle) return input;
  throw new CloudburstError(
    "cyclic_argument",
    `${place.what} holds handles and refers to itself: a value with handles must be a tree`,
  );
}

interface Walk {
  readonly place: Place;
  readonly mayMap: boolean;
  readonly ancestors: Set<object>;
  metCycle: boolean;
}

/** The input for `value`, or undefined when no handle is inside, so that the whole may stay the value that it is. */
function read(value: unknown, walk: Walk): NodeInput | undefined {
  if (typeof value !== "object" || value === null) return value instanceof Callable ? readTask(value, walk) : undefined;
  if (value instanceof Reference) return value.inputIn(walk.place.scope, walk.place.what);
  if (value instanceof Mapped || value instanceof Unmapped) return readAnnotation(value, walk);
  if (walk.ancestors.has(value)) {
    walk.metCycle = true;
    return undefined;
  }
  walk.ancestors.add(value);
  try {
    return readParts(value, walk);
  } finally {
    walk.ancestors.delete(value);
  }
}

function readAnnotation(annotation: Mapped<unknown> | Unmapped<unknown>, walk: Walk): NodeInput {
  if (annotation instanceof Mapped && walk.mayMap) return eachOf(annotation.value, walk.place);
  const word = annotation instanceof Mapped ? "mapped" : "unmapped";
  const remedy =
    word === "mapped"
      ? "use it in the arguments of a plain call only"
      : "it marks a whole argument of .map; leave it out here";
  throw new CloudburstError(
    "misplaced_annotation",
    `${walk.place.what} holds ${word}(…) where it has no meaning: ${remedy}`,
  );
}

function readParts(value: object, walk: Walk): NodeInput | undefined {
  if (Array.isArray(value)) return readList(value, walk);
  if (value instanceof Set || value instanceof Map) return refuseReferences(value, walk);
  if (!isPlainObject(value)) return undefined;
  const inputs = readAll(Object.values(value) as unknown[], walk);
  if (inputs === undefined) return undefined;
  const keys = Object.keys(value);
  return { kind: "record", entries: inputs.map((input, index) => [keys[index] ?? "", input]) };
}

function readList(values: readonly unknown[], walk: Walk): NodeInput | undefined {
  const items = readAll(values, walk);
  return items && { kind: "list", items };
}

/** An input for each part, or undefined when all are plain values; makes nothing until it has met the first handle. */
function readAll(parts: readonly unknown[], walk: Walk): NodeInput[] | undefined {
  let inputs: NodeInput[] | undefined;
  for (let index = 0; index < parts.length; index++) {
    const input = read(parts[index], walk);
    if (input !== undefined) inputs ??= parts.slice(0, index).map((value) => ({ kind: "value", value }));
    inputs?.push(input ?? { kind: "value", value: parts[index] });
  }
  return inputs;
}

function refuseReferences(collection: Iterable<unknown>, walk: Walk): NodeInput | undefined {
  if (readAll([...collection], walk) === undefined) return undefined;
  throw new CloudburstError(
    "misplaced_handle",
    `${walk.place.what} holds a handle inside a ${typeName(collection)}: ` +
      "handles may stand in arrays and plain objects; make the collection in the task",
  );
}

function readTask(task: Callable, { place }: Walk): NodeInput {
  if (place.takesTasks === true) return place.scope.inputOf(place.scope.nodeOf(task));
  throw new CloudburstError(
    "task_not_called",
    `${place.what} is a task itself, not its result: call the task and give the handle that it returns`,
  );
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isIterable(value: unknown): value is Iterable<unknown> {
  if (typeof value === "string") return true;
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}

function alreadyMapped({ what }: Place): CloudburstError {
  return new CloudburstError(
    "nested_map",
    `${what} cannot be mapped over from inside a mapped context: a function given to applyMap is called once for all ` +
      "children, and each task in it is mapped already; call the task plainly, or map over it after applyMap",
  );
}

function notIterable(given: unknown, place: Place): CloudburstError {
  const type = typeName(given);
  return new CloudburstError(
    "cannot_map",
    `Cannot map over unsubscriptable object of type ${type}: ${place.what} is ${preview(given)}; ` +
      "give an array, another iterable or a handle, or unmapped(…) to give it whole to every child",
    { data: { type } },
  );
}
