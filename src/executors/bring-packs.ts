import { type KnownPack, type PackReader, PackSlice, PackValue } from "./pack-results.ts";

/** Packs that are read from the store at once, when a run brings its values home. */
const maxReads = 16;

/** What is kept in packs becomes its value, or the array of its values; the rest passes. */
export async function bringPacks(values: readonly unknown[]): Promise<readonly unknown[]> {
  const fetched = [...values];
  const packs = byPack(values);
  const waiting = packs.entries(); // the readers take from it in turn
  const read = async (): Promise<void> => {
    for (const [pack, { reader, places }] of waiting) {
      const lines = await reader.lines(pack);
      for (const [at, value] of places) fetched[at] = value.decode(lines);
    }
  };
  await Promise.all(Array.from({ length: Math.min(maxReads, packs.size) }, read));
  return fetched;
}

interface Wanted {
  readonly reader: PackReader;
  readonly places: (readonly [at: number, value: PackValue | PackSlice])[];
}

/** A pack is read once, however many slices of it are wanted, and let go before the next. */
function byPack(values: readonly unknown[]): ReadonlyMap<KnownPack, Wanted> {
  const packs = new Map<KnownPack, Wanted>();
  for (const [at, value] of values.entries()) {
    if (!(value instanceof PackValue || value instanceof PackSlice)) continue;
    const wanted = packs.get(value.pack) ?? { reader: value.reader, places: [] };
    packs.set(value.pack, wanted);
    wanted.places.push([at, value]);
  }
  return packs;
}
