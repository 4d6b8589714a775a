import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { apiPage, renderApiPage } from "../../scripts/api-page/page.ts";

it("docs/api.md is what `npm run docs:api` makes of the exports", { timeout: 120_000 }, () => {
  expect(readFileSync(apiPage, "utf8")).toBe(renderApiPage());
});
