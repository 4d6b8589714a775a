import { describe, expect, it } from "vitest";
import { KeptValues } from "../../src/slots/kept-values.ts";
import type { SlotInput } from "../../src/slots/slot-protocol.ts";

const mebibyte = 1024 * 1024;
const value = (key: string, bytes = 1): SlotInput => ({
  kind: "kept",
  key,
  of: { kind: "encoded", bytes: new Uint8Array(bytes) },
});
const known = (key: string): SlotInput => ({ kind: "kept", key, of: undefined });

describe("values that a slot keeps", () => {
  it("travel to it once, wherever in an argument they stand", () => {
    const kept = new KeptValues();
    expect(kept.use(value("a"))).toEqual(value("a"));
    expect(kept.use({ kind: "list", items: [value("a"), value("b")] })).toEqual({
      kind: "list",
      items: [known("a"), value("b")],
    });
  });

  it("are at most 32, and the one not used for longest goes", () => {
    const kept = new KeptValues();
    for (let index = 0; index < 32; index += 1) kept.use(value(String(index)));
    kept.takeSurplus();
    kept.use(value("0"));
    kept.use(value("32"));
    expect(kept.takeSurplus()).toEqual(["1"]);
    expect(kept.use(value("1"))).toEqual(value("1"));
  });

  it("have at most 64 MiB, but for what the present chunk uses", () => {
    const kept = new KeptValues();
    kept.use(value("old", 40 * mebibyte));
    expect(kept.takeSurplus()).toEqual([]);
    kept.use(value("x", 50 * mebibyte));
    kept.use(value("y", 50 * mebibyte));
    expect(kept.takeSurplus()).toEqual(["old"]);
    kept.use(value("z"));
    expect(kept.takeSurplus()).toEqual(["x"]);
    expect(kept.use(value("y", 50 * mebibyte))).toEqual(known("y"));
  });

  it("are gone with the thread", () => {
    const kept = new KeptValues();
    kept.use(value("a"));
    kept.clear();
    expect(kept.use(value("a"))).toEqual(value("a"));
  });
});
