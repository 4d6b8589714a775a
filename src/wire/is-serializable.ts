import { encodeValue } from "./values.ts";

/**
 * Whether a value can travel between driver and workers: what structured clone carries, and no functions, class instances
 * or promises.
 */
export function isSerializable(value: unknown): boolean {
  try {
    encodeValue(value, "it");
    return true;
  } catch {
    return false; // whatever keeps it from being written keeps it from travelling
  }
}
