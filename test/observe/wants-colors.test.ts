import { expect, it } from "vitest";
import { wantsColors } from "../../src/observe/wants-colors.ts";

it.each([
  { isTty: true, env: {}, colors: true },
  { isTty: false, env: {}, colors: false },
  { isTty: true, env: { TERM: "dumb" }, colors: false },
  { isTty: true, env: { NO_COLOR: "1" }, colors: false },
  { isTty: true, env: { NO_COLOR: "" }, colors: true },
  { isTty: false, env: { FORCE_COLOR: "1" }, colors: true },
  { isTty: true, env: { FORCE_COLOR: "0" }, colors: false },
  { isTty: false, env: { FORCE_COLOR: "1", NO_COLOR: "1" }, colors: false },
])("with $env, terminal: $isTty, colours are $colors", ({ isTty, env, colors }) => {
  expect(wantsColors(isTty, env)).toBe(colors);
});
