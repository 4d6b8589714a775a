import { expect, it } from "vitest";
import { mappedResult } from "../../src/slots/step-results.ts";
import { readTrailer } from "../../src/wire/pack.ts";
import { encodeValue } from "../../src/wire/values.ts";

it("a call that failed has no length, and leaves the pack's trailer readable", () => {
  const values = new Array<unknown>(3);
  values[0] = [1, 2];
  values[2] = "text";
  const failed = `!${encodeValue(new Error("no"), "the error")}`;
  const lines = [encodeValue([1, 2], "a list"), failed, encodeValue("text", "text")];
  const { body, lengths } = mappedResult({ task: "t", slug: "t", inputs: [], lengths: true }, { lines, values }, null);
  expect(lengths).toEqual([2, -1, -1]);
  expect(readTrailer(body)?.lengths).toEqual([2, -1, -1]);
});
