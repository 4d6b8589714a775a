import { AwsError } from "../aws-error.ts";
import { readObjects } from "../json-input.ts";
import type { JsonObject } from "../json-input.ts";
import { requireText } from "./queue-operations.ts";
import { emptyBatch, idsNotDistinct, invalidBatchEntryId, tooManyEntries } from "./sqs-errors.ts";

const maxEntries = 10;
const idPattern = /^[\w-]{1,80}$/;

/** The entries of a batch request, after the checks that refuse the whole request. */
export function readEntries(input: JsonObject): readonly JsonObject[] {
  const entries = readObjects(input, "Entries") ?? [];
  if (entries.length === 0) throw emptyBatch();
  if (entries.length > maxEntries) throw tooManyEntries(entries.length);
  const ids = new Set<string>();
  for (const entry of entries) {
    const id = requireText(entry, "Id");
    if (!idPattern.test(id)) throw invalidBatchEntryId();
    if (ids.has(id)) throw idsNotDistinct(id);
    ids.add(id);
  }
  return entries;
}

/** Does each entry on its own: what one entry does wrong is told in `Failed` and spares the others. */
export function performEach(entries: readonly JsonObject[], perform: (entry: JsonObject) => object): object {
  const successful: object[] = [];
  const failed: object[] = [];
  for (const entry of entries) {
    try {
      successful.push({ Id: entry["Id"], ...perform(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      failed.push({ Id: entry["Id"], SenderFault: error.senderFault, Code: error.code, Message: error.message });
    }
  }
  return failed.length === 0 ? { Successful: successful } : { Successful: successful, Failed: failed };
}
