/** Where a chunk's arguments come from, as it stands in the message. */
import * as z from "zod";

/** Consecutive lines: bytes of a stored object, or the lines themselves; of them, `skip` are passed over and `take` used. */
const part = z.union([
  z.object({
    key: z.string(),
    from: z.number().int().nonnegative(),
    to: z.number().int().nonnegative(),
    skip: z.number().int().nonnegative(),
    take: z.number().int().nonnegative(),
  }),
  z.object({ lines: z.array(z.string()) }),
]);
export type WirePart = z.infer<typeof part>;

export type WireInput =
  /** A value, encoded. */
  | { kind: "value"; line: string }
  /** A value in an object of its own: the object is its line. Workers keep such objects while they live. */
  | { kind: "object"; key: string }
  /** The one item of the part. */
  | { kind: "item"; part: WirePart }
  /** The list of all items. */
  | { kind: "items"; parts: WirePart[] }
  | { kind: "list"; items: WireInput[] }
  | { kind: "record"; entries: [string, WireInput][] }
  | { kind: "flatten"; of: WireInput }
  | { kind: "each"; column: WireColumn };

/** One element for each call of the chunk, in order. */
export type WireColumn =
  | { kind: "items"; parts: WirePart[] }
  | { kind: "inputs"; items: WireInput[] }
  /** Elements of `of`, lists among them opened, without the first `skip`, `take` in all. */
  | { kind: "flatten"; of: WireColumn; skip: number; take: number }
  /** What the same call returned in an earlier step of this chunk. */
  | { kind: "step"; step: number };

export const wireInput: z.ZodType<WireInput> = z.lazy(() =>
  z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("value"), line: z.string() }),
    z.object({ kind: z.literal("object"), key: z.string() }),
    z.object({ kind: z.literal("item"), part }),
    z.object({ kind: z.literal("items"), parts: z.array(part) }),
    z.object({ kind: z.literal("list"), items: z.array(wireInput) }),
    z.object({ kind: z.literal("record"), entries: z.array(z.tuple([z.string(), wireInput])) }),
    z.object({ kind: z.literal("flatten"), of: wireInput }),
    z.object({ kind: z.literal("each"), column: wireColumn }),
  ]),
);

const wireColumn: z.ZodType<WireColumn> = z.lazy(() =>
  z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("items"), parts: z.array(part) }),
    z.object({ kind: z.literal("inputs"), items: z.array(wireInput) }),
    z.object({
      kind: z.literal("flatten"),
      of: wireColumn,
      skip: z.number().int().nonnegative(),
      take: z.number().int().nonnegative(),
    }),
    z.object({ kind: z.literal("step"), step: z.number().int().nonnegative() }),
  ]),
);
