import type { IncomingHttpHeaders } from "node:http";
import { AwsError } from "./aws-error.ts";

/** What the Authorization header says of a request: who signed it, and for which service. */
export interface Signer {
  readonly accessKeyId: string;
  /** Service in the credential scope: `sqs`, `s3`, `ecs`. */
  readonly service: string;
}

/** What an unknown access key is called; the JSON services have a name of their own in common. */
const unknownKeyNames: Readonly<Record<string, string>> = {
  s3: "InvalidAccessKeyId",
  sqs: "InvalidClientTokenId",
  cloudformation: "InvalidClientTokenId",
  sts: "InvalidClientTokenId",
};

const credentialPattern = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/[^/]+\/([^/]+)\/aws4_request,/;
const loopbackHostPattern = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

/**
 * Whether the Host header names this machine's loopback or the address at which its containers reach it. A web page can make a browser send requests to 127.0.0.1
 * under a name of its own (DNS rebinding); such a request carries that name here and is refused.
 */
export function isOwnHost(host: string | undefined, hostAddress: string | undefined): boolean {
  if (host === undefined) return false;
  return loopbackHostPattern.test(host) || (hostAddress !== undefined && host.replace(/:\d+$/, "") === hostAddress);
}

export function readSigner(headers: IncomingHttpHeaders): Signer | undefined {
  const match = credentialPattern.exec(headers.authorization ?? "");
  const [, accessKeyId, service] = match ?? [];
  return accessKeyId === undefined || service === undefined ? undefined : { accessKeyId, service };
}

/**
 * The error for a request that is not signed with one of this cloud's access keys; undefined when it is.
 *
 * The signature itself is not verified: the key id is random for each start, is known only to those who were given
 * the credentials, and never leaves loopback, so carrying it proves as much as a signature made with its secret would,
 * without four HMACs and a canonical request on every call.
 */
export function refuseStranger(signer: Signer | undefined, keys: ReadonlySet<string>): AwsError | undefined {
  if (signer !== undefined && keys.has(signer.accessKeyId)) return undefined;
  if (signer === undefined) {
    return new AwsError(
      "MissingAuthenticationToken",
      "the request has no SigV4 Authorization header: use the embedded cloud's credentials",
      { status: 403, modelled: false },
    );
  }
  const message = `the access key ${signer.accessKeyId} is not this embedded cloud's: each start makes a new one, in \`credentials\``;
  // Each service has its own name for an unknown key.
  const code = unknownKeyNames[signer.service] ?? "UnrecognizedClientException";
  return new AwsError(code, message, { status: 403, modelled: false });
}
