import { expect, test } from "vitest";
import { formatDuration, formatQuantity, formatRate, formatUsd } from "../../src/observe/human-units.ts";

test.each([
  [0, "0 ms"],
  [999.4, "999 ms"],
  [999.6, "1.0 s"],
  [59_949, "59.9 s"],
  [59_951, "1 min 00 s"],
  [245_000, "4 min 05 s"],
  [3_599_499, "59 min 59 s"],
  [3_599_500, "1 h 00 min"],
  [7_620_000, "2 h 07 min"],
])("%d ms reads %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  [0, "$0.00000"],
  [0.001336, "$0.00134"],
  [0.0999, "$0.09990"],
  [0.1, "$0.100"],
  [9.9994, "$9.999"],
  [1234.567, "$1,234.57"],
])("%d dollars read %s", (usd, text) => {
  expect(formatUsd(usd)).toBe(text);
});

test.each([
  [0.25, "0.25/s"],
  [0.996, "1.0/s"],
  [18.26, "18.3/s"],
  [99.96, "100/s"],
  [12_345.4, "12,345/s"],
])("%d a second read %s", (rate, text) => {
  expect(formatRate(rate)).toBe(text);
});

test("one thing is singular, none and many are plural", () => {
  expect([0, 1, 1234].map((count) => formatQuantity(count, "call"))).toEqual(["0 calls", "1 call", "1,234 calls"]);
});
