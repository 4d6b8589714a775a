import { InvalidOptionError } from "../base/errors.ts";

/** SQS's limits for one batch request; the bytes are also the limit for a single message. */
const maxBatchEntries = 10;
const maxBatchBytes = 1_048_576;

/** The bodies in order, in as few groups as SQS takes in one request each: 10 entries and 1 MiB of UTF-8. */
export function groupBodies(bodies: readonly string[]): readonly (readonly string[])[] {
  const groups: string[][] = [];
  let group: string[] = [];
  let groupBytes = 0;
  for (const body of bodies) {
    const bytes = Buffer.byteLength(body);
    if (bytes > maxBatchBytes) throw tooLarge(bytes);
    if (group.length === maxBatchEntries || groupBytes + bytes > maxBatchBytes) {
      groups.push(group);
      group = [];
      groupBytes = 0;
    }
    group.push(body);
    groupBytes += bytes;
  }
  return group.length === 0 ? groups : [...groups, group];
}

/** The receipts in order, ten to a group. */
export function groupReceipts(receipts: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(receipts.length / maxBatchEntries) }, (_, index) =>
    receipts.slice(index * maxBatchEntries, (index + 1) * maxBatchEntries),
  );
}

function tooLarge(bytes: number): InvalidOptionError {
  return new InvalidOptionError(
    `a queue message must have at most ${maxBatchBytes} bytes, got ${bytes} (put large content into the store and send its key)`,
    { bytes },
  );
}
