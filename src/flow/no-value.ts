/**
 * What becomes of code that takes a handle for the value that it stands for, while the flow is built: an error that says
 * what to write instead, rather than `undefined` or a plain TypeError. Once a flow has been built, handles are objects as
 * any others: who looks at them then (a debugger, a test's comparison) asks for all sorts of things.
 */
import { isBuilding } from "./building.ts";

/** Something that has no value yet. */
export interface Valueless {
  /** The error for whoever asks for the value. @param fact what follows for them @param instead what else they may do */
  noValue(fact: string, instead: string): Error;
}

type Refusal = readonly [fact: string, instead: string];

const noParts: Refusal = [
  ", so that it cannot be iterated, spread or taken apart here",
  "map a task over it by task.map(handle), take an element by handle.at(0) or a property by handle.get(name), or ",
];
const noPromise: Refusal = [", and it is no promise", "calls wait for their arguments by themselves; "];
const noText: Refusal = ["", ""];

/** The last but one of a handle's prototypes: whatever is asked for here, the handle itself does not have. */
export const valueTrap: object = new Proxy(Object.create(Object.prototype) as object, {
  get(target, key, handle: Valueless) {
    if (!isBuilding() || isEverybodys(key)) return Reflect.get(target, key, handle) as unknown;
    throw handle.noValue(...refusalOf(key));
  },
});

/** Own and enumerable, so that spreading a handle into an object meets it; no text, so that nothing else does. */
const spreading = Symbol("the value");

/** Has `{ ...handle }` refused. */
export function refuseSpreading(handle: Valueless): void {
  Object.defineProperty(handle, spreading, {
    enumerable: true,
    get: () => {
      if (isBuilding()) throw handle.noValue(...noParts);
    },
  });
}

/** What objects have whatever they stand for; but for their text, which would be that of the handle. */
function isEverybodys(key: string | symbol): boolean {
  if (typeof key === "symbol") return key !== Symbol.iterator && key !== Symbol.asyncIterator;
  return key in Object.prototype && key !== "toString" && key !== "toLocaleString";
}

function refusalOf(key: string | symbol): Refusal {
  if (typeof key === "symbol") return noParts;
  if (key === "then") return noPromise;
  if (key === "toJSON" || key === "toString" || key === "toLocaleString") return noText;
  const instead = `map a task over it by task.map(handle), take a property by handle.get("${key}"), or `;
  return [`, and so is its "${key}"`, instead];
}
