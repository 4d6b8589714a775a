/** Chunks whose calls are not next to each other, on their way and when their workers die. */
import { describe, expect, it } from "vitest";
import { packKey } from "../../src/wire/keys.ts";
import { readTrailer, writePack } from "../../src/wire/pack.ts";
import { commit, dispatcher, openLab, runId, scattered, store, suspect, take, warmUp } from "./dispatcher-lab.ts";
import { readFirstColumn } from "./read-first-column.ts";

openLab();

describe("calls that became ready here and there", () => {
  const holes = [
    { start: 10, end: 13 },
    { start: 14, end: 15 },
    { start: 16, end: 19 },
  ];

  it("travel in one chunk, in the order of their calls, and are settled for those who wait for them", async () => {
    await warmUp();
    const works = scattered(holes);
    for (const { work } of [...works].reverse()) dispatcher.add(work);
    const [chunk] = await take(1);
    if (chunk === undefined || !Array.isArray(chunk.steps)) throw new Error("a chunk was sent");
    expect(chunk.ranges).toEqual(holes);
    expect(chunk.steps[0]?.inputs).toEqual([
      {
        kind: "each",
        column: { kind: "items", parts: [{ lines: [10, 11, 12, 14, 16, 17, 18].map((x) => `[${String(x)}]`) }] },
      },
    ]);
    const notice = await commit(chunk);
    await dispatcher.committed(notice);
    await dispatcher.committed(notice);
    expect(works.flatMap(({ settled }) => settled.map(({ range, from }) => [range, from]))).toEqual(
      holes.map((range, at) => [range, [0, 3, 4][at]]),
    );
    expect(works.map(({ isDone }) => isDone)).toEqual([true, true, true]);
    expect(dispatcher.counts.duplicates).toBe(1);
    const pack = await store.get(packKey(runId, "inc", holes));
    expect(pack && readTrailer(pack)?.ranges).toEqual(holes);
  });

  it("are found in the store when the notice of their chunk got lost", async () => {
    await warmUp();
    const works = scattered(holes);
    for (const { work } of works) dispatcher.add(work);
    const [message] = await take(1);
    const chunk = dispatcher.find(message?.chunk ?? "");
    if (message === undefined || chunk === undefined) throw new Error("a chunk was sent");
    expect(await dispatcher.settleFromStore(chunk)).toBe(false);
    await commit(message);
    expect(await dispatcher.settleFromStore(chunk)).toBe(true);
    expect(works.map(({ isDone }) => isDone)).toEqual([true, true, true]);
  });
});

describe("a chunk with gaps whose workers die (I8)", () => {
  it("is split between its calls, and goes on from what is committed of them", async () => {
    const holes = [
      { start: 10, end: 13 },
      { start: 14, end: 15 },
      { start: 16, end: 19 },
    ];
    await warmUp(["inc", "dec"]);
    const works = scattered(holes, ["inc", "dec"]);
    for (const { work } of works) dispatcher.add(work);
    const [whole] = await take(1);
    if (!whole?.ranges) throw new Error("a chunk was sent");
    const lines = [10, 11, 12, 14, 16, 17, 18].map((x) => `["${"x".repeat(1_000)}",${String(x)}]`);
    await store.put(packKey(runId, "inc", holes), writePack({ lines, shape: "calls", ranges: holes }).body);
    await suspect(whole.chunk, 3);
    const halves = await take(2);
    expect(halves.map(({ ranges }) => ranges)).toEqual([
      [
        { start: 10, end: 13 },
        { start: 14, end: 15 },
      ],
      [{ start: 16, end: 19 }],
    ]);
    const fence = await store.get(packKey(runId, "dec", holes));
    expect(fence && readTrailer(fence)).toMatchObject({ split: 16, ranges: holes, count: 0 });
    expect(await readFirstColumn(halves[0], store)).toEqual(lines.slice(0, 4));
    expect(await readFirstColumn(halves[1], store)).toEqual(lines.slice(4));
    await suspect(halves[1]?.chunk ?? "", 3);
    const quarters = await take(2);
    expect(quarters.map(({ ranges }) => ranges)).toEqual([[{ start: 16, end: 18 }], [{ start: 18, end: 19 }]]);
    expect(await readFirstColumn(quarters[1], store)).toEqual(lines.slice(6));
    for (const part of [halves[0], quarters[0]]) if (part) await dispatcher.committed(await commit(part));
    await suspect(quarters[1]?.chunk ?? "", 3);
    expect(works[2]?.settled.at(-1)?.result).toMatchObject({
      kind: "failed",
      error: { message: expect.stringContaining("it ran task dec[18], last with: exit code 137") as string },
    });
    expect(works.map(({ isDone }) => isDone)).toEqual([true, true, true]);
    expect(works.map(({ settled }) => settled.map(({ step: position, range }) => [position, range]))).toEqual([
      [
        [0, holes[0]],
        [1, holes[0]],
      ],
      [
        [0, holes[1]],
        [1, holes[1]],
      ],
      [
        [0, holes[2]],
        [1, { start: 16, end: 18 }],
        [1, { start: 18, end: 19 }],
      ],
    ]);
  });
});
