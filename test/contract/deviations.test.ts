import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as ministack from "../containers/deviations.ts";
import * as localstack from "../localstack/deviations.ts";

const document = readFileSync(new URL("../../docs/testing.md", import.meta.url), "utf8");

/** Ids in the first column of the table below a heading. */
function idsBelow(heading: string): readonly string[] {
  const section = document.slice(document.indexOf(`### ${heading}`)).split("\n### ", 1)[0] ?? "";
  return [...section.matchAll(/^\| `([\w-]+)` /gm)].map(([, id = ""]) => id).sort();
}

describe("docs/testing.md", () => {
  for (const [heading, lists] of [
    ["LocalStack 4.13.1", localstack],
    ["ministack 1.5.33", ministack],
  ] as const) {
    it(`tells of each known deviation of ${heading}, and of no other`, () => {
      const ids = Object.values(lists).flatMap((list) => Object.keys(list));
      expect(ids.length).toBeGreaterThan(0);
      expect(idsBelow(heading)).toEqual([...new Set(ids)].sort());
    });
  }
});
