import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { placeOf, readLines, readTrailer, splitLines, writeFence, writePack } from "../../src/wire/pack.ts";

const line = fc.string({ unit: "grapheme" }).map((text) => JSON.stringify([text]));

describe("a pack", () => {
  it("gives back its lines and what its trailer says of them", () => {
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom("calls" as const, "array" as const), (lines, shape) => {
        const { body, index } = writePack({ lines, shape });
        const trailer = readTrailer(body);
        expect(trailer).toMatchObject({ ...index, v: 1 });
        expect(readLines(body, index)).toEqual(lines);
      }),
    );
  });

  it("gives any slice by one range of bytes and the number of lines to pass over", () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 400 }), fc.nat(), fc.nat(), (lines, a, b) => {
        const start = a % lines.length;
        const end = start + 1 + (b % (lines.length - start));
        const { body, index } = writePack({ lines, shape: "calls" });
        const place = placeOf(index, start, end);
        const read = splitLines(body.subarray(place.from, place.to));
        expect(read.slice(place.skip, place.skip + end - start)).toEqual(lines.slice(start, end));
        expect(read.length).toBeLessThan(end - start + 2 * index.every);
      }),
    );
  });

  it("keeps its block table small however many items there are", () => {
    const { index } = writePack({ lines: Array.from({ length: 100_000 }, (_, i) => `[${String(i)}]`), shape: "calls" });
    expect(index.offsets.length).toBeLessThanOrEqual(64);
  });

  it("says when the end of it that was read is too short for the trailer", () => {
    const { body } = writePack({ lines: ["[1]", "[2]"], shape: "calls" });
    expect(readTrailer(body.subarray(body.length - 20))).toBeUndefined();
    expect(readTrailer(body.subarray(2))).toMatchObject({ count: 2 });
  });

  it("carries the lengths of array results", () => {
    expect(
      readTrailer(writePack({ lines: ["[[],1]", "[1]"], shape: "calls", lengths: [2, -1] }).body)?.lengths,
    ).toEqual([2, -1]);
  });

  it("can be a fence that closes the place of a chunk which was split", () => {
    expect(readTrailer(writeFence(17, [{ start: 10, end: 24 }]))).toMatchObject({ split: 17, count: 0 });
  });

  it("refuses what is no pack", () => {
    expect(() => readTrailer(Buffer.from("<Error>NoSuchKey</Error>"))).toThrow("not a pack");
  });
});
