/** Checks of the contract suites that ministack 1.5.33 fails. docs/testing.md tells who is right by AWS's documentation. */

import type { Deviations } from "../contract/contract-suite.ts";

export const queueDeviations: Deviations = {
  "create-name": "any name is taken",
  "attribute-errors": "unknown attributes and attributes out of range are taken",
  "delete-queue": "a poll of a deleted queue ends empty, and its name can be used again at once",
  "purge-again": "a second purge is allowed at once",
  "redrive-target": "it is refused as InvalidAttributeValue",
  "delay-limit": "longer delays are taken",
  "receive-limits": "longer waits, and leases of more than 12 hours, are taken",
  "poll-abandoned": "the message goes to the poll that nobody waits for any more",
  "lease-limit": "a lease may last longer than 12 hours from its receive",
  "lease-lapsed": "a visible message is leased without being received",
  "lease-deleted": "it is refused as ReceiptHandleIsInvalid",
  delete: "deleting again is refused as ReceiptHandleIsInvalid",
  "delete-stale": "it is refused as ReceiptHandleIsInvalid",
};

export const storeDeviations: Deviations = {
  "object-odd-keys": "a carriage return in a key is listed as a line feed",
  "object-long-key": "longer keys are taken",
  "object-delete-too-many": "more than 1,000 keys are taken",
  "put-other-conditions": "If-None-Match with an ETag is answered with 412",
  "list-url-encoding": "a space is encoded as %20 instead of +",
  "list-max-keys": "0 makes a truncated listing, more than 1,000 is shown as asked, and a negative number is taken",
  "multipart-part-checksums": "the upload is completed",
  "multipart-unasked-checksums": "the upload is completed",
  "multipart-bad-lists": "parts in a wrong order and parts that are too small are taken",
};

const anythingGoes = "it is taken, and the tasks start";

export const fleetDeviations: Deviations = {
  deregister: "an inactive revision is run",
  "fargate-size": "any pair is registered",
  "fargate-rules": "whatever Fargate cannot run is registered",
  "refuse-count": anythingGoes,
  "refuse-none": "it is taken, and nothing starts",
  "refuse-overrides": anythingGoes,
  "refuse-container": anythingGoes,
  "refuse-size": anythingGoes,
  "refuse-started-by": anythingGoes,
  "refuse-started-by-letters": anythingGoes,
  "refuse-token": anythingGoes,
  "refuse-provider": anythingGoes,
  "refuse-network": anythingGoes,
  "refuse-tags": anythingGoes,
  "refuse-cluster": "the cluster is made, and the task starts in it",
  "run-token": "the token is ignored, and a second task starts",
  "list-filters": "further filters are taken",
  describe: "an empty list and more than 100 tasks are taken",
};
