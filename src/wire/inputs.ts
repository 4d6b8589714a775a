/** Where a chunk's arguments come from, as it stands in the message. */
import * as z from "zod";
import type { Order, Picks } from "./picks.ts";

const count = z.number().int().nonnegative();

/** Consecutive lines: bytes of a stored object, of which `picks` are used, or the lines themselves. */
const part = z.union([
  z.object({ key: z.string(), from: count, to: count, picks: z.array(count) }),
  z.object({ lines: z.array(z.string()) }),
]);
export type WirePart = z.infer<typeof part>;

/** The lines of all parts, one part after the other unless there is an order. */
export interface WireItems {
  readonly parts: WirePart[];
  readonly order?: Order | undefined;
}
const items = { parts: z.array(part), order: z.array(count).optional() };

export type WireInput =
  /** A value, encoded. */
  | { kind: "value"; line: string }
  /** A value in an object of its own: the object is its line. Workers keep such objects while they live. */
  | { kind: "object"; key: string }
  /** The one item of the part. */
  | { kind: "item"; part: WirePart }
  /** The list of all items. */
  | ({ kind: "items" } & WireItems)
  | { kind: "list"; items: WireInput[] }
  | { kind: "record"; entries: [string, WireInput][] }
  | { kind: "flatten"; of: WireInput }
  | { kind: "each"; column: WireColumn };

/** One element for each call of the chunk, in order. */
export type WireColumn =
  | ({ kind: "items" } & WireItems)
  | { kind: "inputs"; items: WireInput[] }
  /** Elements of `of`, lists among them opened, of which `picks` are used. */
  | { kind: "flatten"; of: WireColumn; picks: Picks }
  /** What the same call returned in an earlier step of this chunk. */
  | { kind: "step"; step: number };

export const wireInput: z.ZodType<WireInput> = z.lazy(() =>
  z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("value"), line: z.string() }),
    z.object({ kind: z.literal("object"), key: z.string() }),
    z.object({ kind: z.literal("item"), part }),
    z.object({ kind: z.literal("items"), ...items }),
    z.object({ kind: z.literal("list"), items: z.array(wireInput) }),
    z.object({ kind: z.literal("record"), entries: z.array(z.tuple([z.string(), wireInput])) }),
    z.object({ kind: z.literal("flatten"), of: wireInput }),
    z.object({ kind: z.literal("each"), column: wireColumn }),
  ]),
);

const wireColumn: z.ZodType<WireColumn> = z.lazy(() =>
  z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("items"), ...items }),
    z.object({ kind: z.literal("inputs"), items: z.array(wireInput) }),
    z.object({ kind: z.literal("flatten"), of: wireColumn, picks: z.array(count) }),
    z.object({ kind: z.literal("step"), step: z.number().int().nonnegative() }),
  ]),
);
