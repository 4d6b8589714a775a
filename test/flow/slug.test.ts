import fc from "fast-check";
import { expect, test } from "vitest";
import { slugOf } from "../../src/flow/slug.ts";

test("an ordinary name is its own slug", () => {
  expect(slugOf("random_num-2")).toBe("random_num-2");
});

test("characters that do not suit an S3 key are replaced by their code points", () => {
  expect(slugOf("my task")).toBe("my.20.task");
  expect(slugOf("a/b..c")).toBe("a.2f.b.2e_2e.c");
  expect(slugOf("größe 😀")).toBe("gr.f6_df.e.20_1f600.");
});

test("a long name is cut, and stays apart from other long names", () => {
  const [one, other] = [slugOf(`${"x".repeat(500)}1`), slugOf(`${"x".repeat(500)}2`)];
  expect(one).toMatch(/^x{64}\.\.[0-9a-f]{32}$/);
  expect(one).not.toBe(other);
});

test("every slug is safe, short, and of one name only", () => {
  const names = fc.uniqueArray(fc.string({ unit: "binary", minLength: 1, maxLength: 60 }), {
    minLength: 2,
    maxLength: 20,
  });
  fc.assert(
    fc.property(names, (given) => {
      const slugs = given.map(slugOf);
      for (const slug of slugs) expect(slug).toMatch(/^[A-Za-z0-9_.-]{1,120}$/);
      expect(new Set(slugs).size).toBe(given.length);
    }),
  );
});

test("names that look like slugs of others get slugs of their own", () => {
  const names = [" ", ".20.", ".2e.20.2e.", "a b", "a.20.b", "a.2e.20.2e.b", "..", "."];
  expect(new Set(names.map(slugOf)).size).toBe(names.length);
});
