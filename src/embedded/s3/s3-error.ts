/** Errors as S3 answers them: a code, a status, a message, and fields that name the thing. */

import type { ServiceResponse } from "../service.ts";
import { element, xmlDocument } from "./s3-xml.ts";

/** Status and AWS's wording of each error that this service can answer with. */
const ERRORS = {
  BadDigest: [400, "The Content-MD5 or checksum value that you specified did not match what the server received."],
  BucketAlreadyOwnedByYou: [409, "Your previous request to create the named bucket succeeded and you already own it."],
  BucketNotEmpty: [409, "The bucket you tried to delete is not empty."],
  EntityTooSmall: [400, "Your proposed upload is smaller than the minimum allowed object size."],
  IllegalLocationConstraintException: [
    400,
    "The location constraint is incompatible with the region of this endpoint.",
  ],
  IncompleteBody: [400, "You did not provide the number of bytes specified by the Content-Length HTTP header."],
  InvalidArgument: [400, "Invalid Argument"],
  InvalidBucketName: [400, "The specified bucket is not valid."],
  InvalidChunkSizeError: [403, "Only the last chunk is allowed to have a size less than 8192 bytes"],
  InvalidDigest: [400, "The Content-MD5 or checksum value that you specified is not valid."],
  InvalidPart: [
    400,
    "One or more of the specified parts could not be found. The part might not have been uploaded, or the specified entity tag might not have matched the part's entity tag.",
  ],
  InvalidPartOrder: [
    400,
    "The list of parts was not in ascending order. Parts list must be specified in order by part number.",
  ],
  InvalidRange: [416, "The requested range is not satisfiable"],
  InvalidRequest: [400, "Invalid Request"],
  InvalidURI: [400, "Couldn't parse the specified URI."],
  KeyTooLongError: [400, "Your key is too long"],
  MalformedTrailerError: [400, "The request contained trailing data that was not well-formed."],
  MalformedXML: [400, "The XML you provided was not well-formed or did not validate against our published schema."],
  MetadataTooLarge: [400, "Your metadata headers exceed the maximum allowed metadata size."],
  MethodNotAllowed: [405, "The specified method is not allowed against this resource."],
  MissingContentLength: [411, "You must provide the Content-Length HTTP header."],
  NoSuchBucket: [404, "The specified bucket does not exist"],
  NoSuchKey: [404, "The specified key does not exist."],
  NoSuchUpload: [
    404,
    "The specified multipart upload does not exist. The upload ID might be invalid, or the multipart upload might have been aborted or completed.",
  ],
  NotImplemented: [501, "A header you provided implies functionality that is not implemented."],
  PreconditionFailed: [412, "At least one of the preconditions you specified did not hold."],
} as const satisfies Readonly<Record<string, readonly [status: number, message: string]>>;

export type S3ErrorCode = keyof typeof ERRORS;

interface S3ErrorDetails {
  /** @default AWS's wording for the code */
  readonly message?: string;
  /** Elements of the answer's XML that name the thing (`Key`, `BucketName`). */
  readonly fields?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Thrown by the operations, turned into an answer once, in the service. */
export class S3Error extends Error {
  readonly code: S3ErrorCode;
  readonly status: number;
  readonly fields: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: S3ErrorCode, details: S3ErrorDetails = {}) {
    super(details.message ?? ERRORS[code][1]);
    this.name = "S3Error";
    this.code = code;
    this.status = ERRORS[code][0];
    this.fields = details.fields ?? {};
    this.headers = details.headers ?? {};
  }
}

/** The answer to what AWS has and the embedded cloud does not. */
export function notImplemented(what: string): S3Error {
  return new S3Error("NotImplemented", {
    message: `${what} is not implemented: the embedded cloud supports only the S3 calls that Cloudburst makes`,
    fields: { Header: what },
  });
}

export function errorResponse(error: S3Error, requestId: string): ServiceResponse {
  const facts = Object.entries(error.fields).map(([name, value]) => element(name, value));
  const body = [
    element("Code", error.code),
    element("Message", error.message),
    ...facts,
    element("RequestId", requestId),
  ].join("");
  return {
    status: error.status,
    headers: { ...error.headers, "content-type": "application/xml", "x-amz-request-id": requestId },
    body: xmlDocument("Error", body),
  };
}
