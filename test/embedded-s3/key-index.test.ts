import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KeyIndex } from "../../src/embedded/s3/key-index.ts";
import type { ListPosition, ListQuery } from "../../src/embedded/s3/key-index.ts";

// Few characters, so that prefixes, groups and repeats occur; of all UTF-8 lengths, so that the order matters.
const anyKey = fc
  .array(fc.constantFrom("a", "b", "/", "é", "\ud7ff", "\ue000", "\uffff", "😀"), { minLength: 1, maxLength: 5 })
  .map((units) => units.join(""));

const byBytes = (left: string, right: string): number => Buffer.compare(Buffer.from(left), Buffer.from(right));

/** The same page by looking at every key. */
function naiveEntries(
  keys: Iterable<string>,
  { prefix, delimiter }: Pick<ListQuery, "prefix" | "delimiter">,
): string[] {
  const matching = [...keys].filter((key) => key.startsWith(prefix)).sort(byBytes);
  const entries = matching.map((key) => {
    const cut = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    return cut < 0 ? `key ${key}` : `group ${key.slice(0, cut + delimiter.length)}`;
  });
  return [...new Set(entries)];
}

function pagedEntries(index: KeyIndex, query: Omit<ListQuery, "position">): string[] {
  const entries: string[] = [];
  let position: ListPosition | undefined;
  do {
    const page = index.list({ ...query, position });
    const { keys, commonPrefixes } = page;
    expect(keys.length + commonPrefixes.length).toBeLessThanOrEqual(query.maxKeys);
    entries.push(...keys.map((key) => `key ${key}`), ...commonPrefixes.map((group) => `group ${group}`));
    position = page.next;
  } while (position !== undefined);
  return entries;
}

describe("the key index", () => {
  it("lists after any adds and removes what a look at every key would, in byte order", () => {
    const change = fc.record({ key: anyKey, add: fc.boolean(), thenList: fc.boolean() });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
        const index = new KeyIndex();
        const keys = new Set<string>();
        for (const { key, add, thenList } of changes) {
          if (add && !keys.has(key)) index.add(key);
          if (!add && keys.has(key)) index.remove(key);
          if (add) keys.add(key);
          else keys.delete(key);
          if (!thenList) continue;
          const { keys: listed } = index.list({ prefix: "", delimiter: "", position: undefined, maxKeys: 1000 });
          expect(listed).toEqual([...keys].sort(byBytes));
        }
      }),
    );
  });

  it("gives the same entries in pages of any size, with any prefix and delimiter", () => {
    const prefixes = fc.oneof(fc.constant(""), anyKey);
    const delimiters = fc.constantFrom("", "/", "a", "😀");
    fc.assert(
      fc.property(
        fc.uniqueArray(anyKey),
        prefixes,
        delimiters,
        fc.integer({ min: 1, max: 5 }),
        (keys, prefix, delimiter, maxKeys) => {
          const index = new KeyIndex();
          for (const key of keys) index.add(key);
          const entries = pagedEntries(index, { prefix, delimiter, maxKeys });
          expect(entries.toSorted()).toEqual(naiveEntries(keys, { prefix, delimiter }).toSorted());
        },
      ),
    );
  });

  it("survives more changes at once than it would splice in one by one", () => {
    const index = new KeyIndex();
    const name = (number: number): string => String((number * 7919) % 1000).padStart(4, "0");
    for (let number = 0; number < 1000; number += 1) index.add(name(number));
    index.list({ prefix: "", delimiter: "", position: undefined, maxKeys: 1 });
    for (let number = 0; number < 1000; number += 2) index.remove(name(number));
    for (let number = 0; number < 100; number += 1) index.add(`x${name(number)}`);
    const { keys } = index.list({ prefix: "", delimiter: "", position: undefined, maxKeys: 1000 });
    expect(keys).toHaveLength(600);
    expect(keys).toEqual(keys.toSorted());
    expect(keys).not.toContain(name(0));
  });
});
