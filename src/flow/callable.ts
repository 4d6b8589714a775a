/** Lets objects of a class be called like functions. */

/** The method that a call of the object goes to. */
export const called: unique symbol = Symbol("called");

interface Called {
  [called](given: readonly unknown[]): unknown;
}

/**
 * The base of such classes: its constructor returns a function that has the class's prototype. Methods, fields and
 * `instanceof` work as ever; `bind`, `call` and `apply` are not inherited.
 */
export class Callable {
  constructor() {
    const self = (...given: readonly unknown[]): unknown => (self as unknown as Called)[called](given);
    return Object.setPrototypeOf(self, new.target.prototype) as object;
  }
}
