import { PackSlice, PackValue } from "./pack-results.ts";

/** Results that are read from the store at once, when a run brings its values home. */
const maxReads = 16;

/** What is kept in packs becomes its value, or the array of its values; the rest passes. */
export async function bringPacks(values: readonly unknown[]): Promise<readonly unknown[]> {
  const fetched = [...values];
  let next = 0;
  const reader = async (): Promise<void> => {
    while (next < values.length) {
      const at = next++;
      const value = values[at];
      if (value instanceof PackValue || value instanceof PackSlice) fetched[at] = await value.fetch();
    }
  };
  await Promise.all(Array.from({ length: Math.min(maxReads, values.length) }, reader));
  return fetched;
}
