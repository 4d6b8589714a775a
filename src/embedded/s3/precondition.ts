/**
 * The conditions of `If-Match` and `If-None-Match`, for writes, reads and deletes.
 *
 * - P1 A condition is checked in the same turn as the change that depends on it, with no wait between: of racing writers
 *   exactly one wins.
 */

import type { ServiceRequest } from "../service.ts";
import type { StoredObject } from "./bucket.ts";
import { headerOf } from "./s3-call.ts";
import { notImplemented, S3Error } from "./s3-error.ts";

export type WriteCondition =
  { readonly kind: "none" } | { readonly kind: "absent" } | { readonly kind: "matches"; readonly etag: string };

/** S3 takes `If-None-Match: *` or `If-Match: <etag>`, not both, and no other value. */
export function parseWriteCondition(request: ServiceRequest): WriteCondition {
  const ifMatch = headerOf(request, "if-match");
  const ifNoneMatch = headerOf(request, "if-none-match");
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch !== "*") throw notImplemented(`If-None-Match: ${ifNoneMatch}`);
    if (ifMatch !== undefined) throw notImplemented("If-None-Match together with If-Match");
    return { kind: "absent" };
  }
  if (ifMatch === undefined) return { kind: "none" };
  if (ifMatch === "*") throw notImplemented("If-Match: *");
  return { kind: "matches", etag: ifMatch };
}

/** @throws S3Error NoSuchKey, PreconditionFailed (P1) */
export function checkWrite(condition: WriteCondition, current: StoredObject | undefined, key: string): void {
  switch (condition.kind) {
    case "none":
      return;
    case "absent":
      if (current !== undefined) throw preconditionFailed("If-None-Match");
      return;
    case "matches":
      if (current === undefined) throw new S3Error("NoSuchKey", { fields: { Key: key } });
      if (!sameEtag(condition.etag, current.etag)) throw preconditionFailed("If-Match");
  }
}

/** `*` matches any object. @throws S3Error NoSuchKey, PreconditionFailed (P1) */
export function checkDelete(ifMatch: string | undefined, current: StoredObject | undefined, key: string): void {
  if (ifMatch === undefined) return;
  if (current === undefined) throw new S3Error("NoSuchKey", { fields: { Key: key } });
  if (ifMatch !== "*" && !sameEtag(ifMatch, current.etag)) throw preconditionFailed("If-Match");
}

/** Whether the reader gets the object or hears that it has it already. @throws S3Error PreconditionFailed */
export function checkRead(request: ServiceRequest, object: StoredObject): "send" | "not_modified" {
  const ifMatch = headerOf(request, "if-match");
  if (ifMatch !== undefined && !listsEtag(ifMatch, object.etag)) throw preconditionFailed("If-Match");
  const ifNoneMatch = headerOf(request, "if-none-match");
  return ifNoneMatch !== undefined && listsEtag(ifNoneMatch, object.etag) ? "not_modified" : "send";
}

/** Senders may leave out the quotes. */
export function sameEtag(left: string, right: string): boolean {
  return left.replaceAll('"', "") === right.replaceAll('"', "");
}

function listsEtag(list: string, etag: string): boolean {
  return list.trim() === "*" || list.split(",").some((entry) => sameEtag(entry.trim(), etag));
}

function preconditionFailed(condition: string): S3Error {
  return new S3Error("PreconditionFailed", { fields: { Condition: condition } });
}
