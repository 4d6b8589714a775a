/** Checks of the contract suites that LocalStack 4.13.1 fails. docs/testing.md tells who is right by AWS's documentation. */

import type { Deviations } from "../contract/contract-suite.ts";

export const queueDeviations: Deviations = {
  "port-extend": "the code of a failed entry is InvalidParameterValueException",
  "attribute-errors": "attributes out of range are taken",
  "delete-queue": "a poll of a deleted queue ends empty, and its name can be used again at once",
  "purge-again": "a second purge is allowed at once",
  "redrive-target": "a dead-letter queue that does not exist is taken",
  "send-size-of-queue": "the code of a failed entry is InvalidParameterValueException",
  "delay-limit": "longer delays are taken",
  "receive-limits": "MaxNumberOfMessages 0 and a lease of more than 12 hours are taken",
  "poll-abandoned": "the message goes to the poll that nobody waits for any more",
  "lease-limit": "a lease may last longer than 12 hours from its receive",
  "lease-lapsed": "a visible message is leased without being received",
  "lease-batch": "SenderFault is false for an invalid receipt",
  "delete-stale": "the message is deleted",
  "delete-invalid": "SenderFault is false for an invalid receipt",
};

export const storeDeviations: Deviations = {
  "object-odd-keys": "a carriage return in a key is listed as a line feed",
  "object-delete-too-many": "more than 1,000 keys are taken",
  "delete-if-match": "conditional deletes are not implemented",
  "delete-if-match-missing": "conditional deletes are not implemented",
  "delete-many-etag": "the ETag is ignored",
  "list-url-encoding": "a space is encoded as %20 instead of +",
  "list-max-keys": "0 means 1,000, more than 1,000 is shown as asked, and a negative number is taken",
};
