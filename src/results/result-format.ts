/** How results are written: as Cloudburst's values travel, or as JSON for other readers. */
import { CloudburstError, InvalidOptionError, toError } from "../base/errors.ts";
import { decodeValue, encodeValue } from "../wire/values.ts";

/**
 * `values` keeps what tasks may return (Date, Map, BigInt, …) and is read by Cloudburst alone; `json` is JSON, and
 * gives back what JSON can hold.
 */
export type ResultFormat = "values" | "json";

export interface ResultCodec {
  encode(key: string, value: unknown): Uint8Array;
  /** @throws {CloudburstError} `bad_result` when the bytes are none of this format. */
  decode(key: string, bytes: Uint8Array): unknown;
}

/** @throws {InvalidOptionError} for a format that does not exist. */
export function codecOf(owner: string, format: unknown): ResultCodec {
  if (format === "values") return codec((value, what) => encodeValue(value, what), decodeValue);
  if (format === "json") return codec(toJson, (text) => JSON.parse(text) as unknown);
  throw new InvalidOptionError(`format of ${owner} must be "values" or "json", got ${String(format)}`);
}

function codec(toText: (value: unknown, what: string) => string, ofText: (text: string) => unknown): ResultCodec {
  return {
    encode: (key, value) => new TextEncoder().encode(toText(value, `the result "${key}"`)),
    decode: (key, bytes) => {
      try {
        return ofText(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
      } catch (thrown) {
        throw new CloudburstError(
          "bad_result",
          `what is stored as "${key}" is no result in this format: ${toError(thrown).message} ` +
            "(delete it, or read it with the format that it was written in)",
          { cause: thrown, data: { key } },
        );
      }
    },
  };
}

function toJson(value: unknown, what: string): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text !== undefined) return text;
  throw new CloudburstError("bad_result", `${what} cannot be written as JSON, since it is ${typeof value}`);
}
