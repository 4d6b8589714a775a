/** Marks on arguments: which of them a call maps over. */

/** An argument of `.map` that every child gets as it is. */
export class Unmapped<out T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }
}

/** An argument of a plain call of which child i takes element i. */
export class Mapped<out T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }
}

/** Gives every child of a `.map` the whole of `value`: `add.map(xs, unmapped(1))`. */
export function unmapped<const T>(value: T): Unmapped<T> {
  return new Unmapped(value);
}

/** Maps a plain call over `values`, also deep inside an argument: `resize({ image: mapped(images), width: 64 })`. */
export function mapped<const T>(values: T): Mapped<T> {
  return new Mapped(values);
}
