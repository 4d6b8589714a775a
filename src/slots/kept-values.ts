/** Which values a slot's thread keeps, since many chunks use them: known here, so that they travel to it once. */
import type { SlotInput, SlotLines } from "./slot-protocol.ts";

/** Beyond either, the value not used for longest is forgotten; what the present chunk uses stays in any case. */
const maxValues = 32;
/** Of the encoded values; decoded they may take several times as much of the thread's heap. */
const maxBytes = 64 * 1024 * 1024;

export class KeptValues {
  /** Bytes by key, the one used last at the end. */
  readonly #values = new Map<string, number>();
  #bytes = 0;
  readonly #inUse = new Set<string>();

  /** The input without the values that the thread keeps already. From now on it keeps those that are left in it. */
  use(input: SlotInput): SlotInput {
    switch (input.kind) {
      case "kept":
        return this.#useValue(input);
      case "list":
        return { kind: "list", items: input.items.map((item) => this.use(item)) };
      case "record":
        return { kind: "record", entries: input.entries.map(([key, of]) => [key, this.use(of)] as const) };
      case "flatten":
        return { kind: "flatten", of: this.use(input.of) };
      default:
        return input;
    }
  }

  /** Keys that the thread must forget before it runs what has been told to `use` since the last time. */
  takeSurplus(): string[] {
    const surplus: string[] = [];
    for (const [key, bytes] of this.#values) {
      if (this.#values.size <= maxValues && this.#bytes <= maxBytes) break;
      if (this.#inUse.has(key)) continue;
      this.#values.delete(key);
      this.#bytes -= bytes;
      surplus.push(key);
    }
    this.#inUse.clear();
    return surplus;
  }

  clear(): void {
    this.#values.clear();
    this.#inUse.clear();
    this.#bytes = 0;
  }

  #useValue(input: Extract<SlotInput, { readonly kind: "kept" }>): SlotInput {
    const known = this.#values.get(input.key);
    const bytes = known ?? bytesOf(input.of);
    this.#values.delete(input.key);
    this.#values.set(input.key, bytes);
    this.#inUse.add(input.key);
    if (known !== undefined) return { ...input, of: undefined };
    this.#bytes += bytes;
    return input;
  }
}

function bytesOf(of: SlotInput | undefined): number {
  switch (of?.kind) {
    case "encoded":
      return of.bytes.byteLength;
    case "item":
      return bytesOfLines(of.part);
    case "items":
      return of.parts.reduce((sum, part) => sum + bytesOfLines(part), 0);
    default:
      return 0; // nothing else is kept (stored-inputs.ts)
  }
}

function bytesOfLines(part: SlotLines): number {
  return "bytes" in part ? part.bytes.byteLength : part.lines.reduce((sum, line) => sum + line.length, 0);
}
