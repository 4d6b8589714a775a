import type { Store } from "../../src/store/store.ts";
import type { ChunkMessage } from "../../src/wire/chunk-message.ts";
import { splitLines } from "../../src/wire/pack.ts";
import { interleaved, picked } from "../../src/wire/picks.ts";

/** The lines that the chunk's first step takes, with the message and from the store, one for each of its calls. */
export async function readFirstColumn(chunk: ChunkMessage | undefined, store: Store): Promise<readonly string[]> {
  const [input] = (Array.isArray(chunk?.steps) ? chunk.steps : [])[0]?.inputs ?? [];
  if (input?.kind !== "each" || input.column.kind !== "items") throw new Error("a column was sent");
  const lists = input.column.parts.map(async (part) => {
    if ("lines" in part) return part.lines;
    const bytes = await store.get(part.key, { start: part.from, end: part.to });
    return picked(splitLines(bytes ?? new Uint8Array()), part.picks);
  });
  return interleaved(await Promise.all(lists), input.column.order);
}
