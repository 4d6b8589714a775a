import type { z } from "zod";
import { CloudburstError, toError } from "../base/errors.ts";

/** JSON that SQS takes: U+FFFE and U+FFFF are the characters that JSON leaves as they are and SQS refuses. */
export function encodeJson(value: unknown): string {
  return JSON.stringify(value).replace(/[\uFFFE\uFFFF]/g, (char) => `\\u${char.charCodeAt(0).toString(16)}`);
}

/** @throws CloudburstError `bad_message` when the text is not JSON of that schema, such as another version's */
export function decodeJson<T>(what: string, schema: z.ZodType<T>, text: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new CloudburstError("bad_message", `unreadable ${what}: ${toError(error).message}`, { cause: error });
  }
}
