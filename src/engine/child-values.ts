/**
 * The results of one mapped task's children, compact: an element in one array for a value at hand, four bytes for one
 * that the executor keeps elsewhere. Who has a result at all is not known here.
 */
import { type IndexRange, RemoteSlice, type ResultSlice, type Settled } from "../executors/executor.ts";

export class ChildValues {
  readonly #width: number;
  #atHand: unknown[] = [];
  #remote: RemoteSlice[] = [];
  /** For each child, one more than the position in `#remote` of the slice that has its value; 0 for none. */
  #remoteOf: Uint32Array | undefined;

  constructor(width: number) {
    this.#width = width;
  }

  /** Slices that some child's value is in. */
  get remote(): readonly RemoteSlice[] {
    return this.#remote;
  }

  /** The slice that the child's value is in; undefined when it is at hand, or there is none. */
  remoteAt(index: number): RemoteSlice | undefined {
    return this.#remote[(this.#remoteOf?.[index] ?? 0) - 1];
  }

  /** Only for values at hand. */
  at(index: number): unknown {
    return this.#atHand[index];
  }

  put(index: number, value: unknown): void {
    this.#reserve();
    this.#atHand[index] = value;
  }

  /** Takes of what was settled the values of those children for whom it is called; a slice without any is not kept. */
  taker({ range, values }: Pick<Settled, "range" | "values">): (index: number) => void {
    if (values instanceof RemoteSlice) return this.#remoteTaker(values);
    this.#reserve();
    const atHand = this.#atHand;
    return (index) => {
      atHand[index] = values[index - range.start];
    };
  }

  /** A new array as wide as the task, with the values at hand. */
  list(): unknown[] {
    return this.#atHand.length === this.#width ? this.#atHand.slice() : new Array<unknown>(this.#width);
  }

  /**
   * The values of `range` in as few slices as can be.
   * @param standsInSlice whether a remote slice has the right thing for a child whose value is not in it; undefined where
   *   all have it for all
   */
  slices(range: IndexRange, standsInSlice: ((index: number) => boolean) | undefined): readonly ResultSlice[] {
    const remoteOf = this.#remoteOf;
    if (this.#atHand.length === 0 && remoteOf === undefined) return [];
    if (remoteOf === undefined) return [{ range: { start: 0, end: this.#width }, values: this.#atHand }];
    const slices: ResultSlice[] = [];
    for (let start = range.start; start < range.end;) {
      const remote = this.remoteAt(start);
      let end = start + 1;
      if (remote === undefined) {
        while (end < range.end && remoteOf[end] === 0) end += 1;
      } else if (standsInSlice === undefined) end = remote.range.end;
      else while (end < remote.range.end && isInSlice(end, start, remoteOf, standsInSlice)) end += 1;
      slices.push({ range: { start, end }, values: remote ?? this.#atHandIn({ start, end }) });
      start = end;
    }
    return slices;
  }

  /** The length of a value that is an array, else -1; undefined when an executor did not tell. */
  lengthAt(index: number): number | undefined {
    const slice = this.remoteAt(index);
    if (slice !== undefined) return slice.lengths?.[index - slice.range.start];
    const value = this.#atHand[index];
    return Array.isArray(value) ? value.length : -1;
  }

  /** Takes the values of all `remote` slices, in their order. */
  bringHome(brought: readonly (readonly unknown[])[]): void {
    const remoteOf = this.#remoteOf;
    if (remoteOf === undefined) return;
    this.#reserve();
    for (let index = 0; index < this.#width; index += 1) {
      const at = (remoteOf[index] ?? 0) - 1;
      const slice = this.#remote[at];
      if (slice !== undefined) this.#atHand[index] = brought[at]?.[index - slice.range.start];
    }
    this.#remote = [];
    this.#remoteOf = undefined;
  }

  #remoteTaker(slice: RemoteSlice): (index: number) => void {
    const remoteOf = (this.#remoteOf ??= new Uint32Array(this.#width));
    const position = this.#remote.length + 1;
    return (index) => {
      if (this.#remote.length < position) this.#remote.push(slice);
      remoteOf[index] = position;
    };
  }

  #atHandIn({ start, end }: IndexRange): unknown[] {
    return this.#atHand.length === 0 ? new Array<unknown>(end - start) : this.#atHand.slice(start, end);
  }

  #reserve(): void {
    if (this.#atHand.length !== this.#width) this.#atHand = new Array<unknown>(this.#width);
  }
}

function isInSlice(
  index: number,
  start: number,
  remoteOf: Uint32Array,
  standsInSlice: (index: number) => boolean,
): boolean {
  return remoteOf[index] === remoteOf[start] || (remoteOf[index] === 0 && standsInSlice(index));
}
