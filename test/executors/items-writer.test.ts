import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ItemsWriter } from "../../src/executors/items-writer.ts";
import type { KnownPack } from "../../src/executors/pack-results.ts";
import type { WireItems } from "../../src/wire/inputs.ts";
import { splitLines, writePack } from "../../src/wire/pack.ts";
import { interleaved, picked } from "../../src/wire/picks.ts";

interface Stored {
  readonly pack: KnownPack;
  readonly lines: readonly string[];
  readonly body: Uint8Array;
}

function storedPack(key: string, count: number, width: number): Stored {
  const lines = Array.from({ length: count }, (_, at) => JSON.stringify([`${key}${String(at)}${"x".repeat(width)}`]));
  const { body, index } = writePack({ lines, shape: "calls" });
  return { pack: { key, index, lines: undefined, lengths: undefined, failures: [] }, lines, body };
}

/** What a worker makes of them. */
function read({ parts, order }: WireItems, packs: readonly Stored[]): readonly string[] {
  const lists = parts.map((part) => {
    if ("lines" in part) return part.lines;
    const body = packs.find(({ pack }) => pack.key === part.key)?.body ?? new Uint8Array();
    return picked(splitLines(body.subarray(part.from, part.to)), part.picks);
  });
  return interleaved(lists, order);
}

/** A piece of pack 0, 1 or 2, or lines at hand. */
const pieces = fc.array(fc.record({ from: fc.nat({ max: 3 }), skip: fc.nat({ max: 90 }), take: fc.nat({ max: 90 }) }));

describe("a list that is written piece by piece", () => {
  const [a, b, large] = [storedPack("a", 300, 5), storedPack("b", 300, 5), storedPack("c", 300, 20_000)] as const;
  const packs = [a, b, large];

  it("is read as it was written", () => {
    fc.assert(
      fc.property(pieces, (written) => {
        const writer = new ItemsWriter();
        const expected: string[] = [];
        const next = [0, 0, 0];
        for (const { from, skip, take } of written) {
          const pack = packs[from];
          if (pack === undefined) {
            const lines = Array.from({ length: take }, (_, at) => `[${String(at)}]`);
            writer.addLines(lines);
            expected.push(...lines);
            continue;
          }
          // Now and then backwards: that takes another read.
          const start = ((next[from] ?? 0) + skip) % 300;
          const end = Math.min(300, start + take);
          next[from] = end;
          writer.addPack(pack.pack, start, end);
          expected.push(...pack.lines.slice(start, end));
        }
        expect(read(writer.items(), packs)).toEqual(expected);
      }),
    );
  });

  it("takes one read for all that comes from the same pack, whatever stands between", () => {
    const writer = new ItemsWriter();
    for (let at = 0; at + 7 <= 300; at += 7) {
      writer.addPack(a.pack, at, at + 6);
      writer.addPack(b.pack, at, at + 1);
      writer.addLines(["[0]"]);
    }
    expect(writer.items().parts).toHaveLength(3);
  });

  it("does not read what is large and not wanted", () => {
    const writer = new ItemsWriter();
    writer.addPack(large.pack, 0, 1);
    writer.addPack(large.pack, 250, 251);
    const { parts, order } = writer.items();
    expect(parts).toHaveLength(2);
    expect(order).toBeUndefined();
    for (const part of parts) expect("key" in part && part.to - part.from).toBeLessThan(200_000);
  });

  it("says no more than bytes and lines where it is one slice", () => {
    const writer = new ItemsWriter();
    writer.addPack(a.pack, 10, 20);
    writer.addPack(a.pack, 20, 30);
    const { every, offsets } = a.pack.index;
    const [from, to] = [offsets[10 / every], offsets[30 / every]];
    expect(writer.items()).toEqual({ parts: [{ key: "a", from, to, picks: [0, 20] }] });
  });
});
