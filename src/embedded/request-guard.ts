import type { X509Certificate } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
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
 * What the Host header may name. A web page can make a browser send requests to an address of this machine under a name of
 * its own (DNS rebinding); such a request carries that name here and is refused.
 */
export interface OwnHosts {
  readonly includes: (host: string) => boolean;
  /** For messages. */
  readonly named: string;
}

/** Loopback, and the address at which containers reach this machine. */
export function loopbackHosts(hostAddress: string | undefined): OwnHosts {
  return {
    includes: (host) => loopbackHostPattern.test(host) || (hostAddress !== undefined && nameIn(host) === hostAddress),
    named: `loopback (127.0.0.1, localhost, [::1])${hostAddress === undefined ? "" : ` or ${hostAddress}`}`,
  };
}

/** Whatever the certificate was issued for, loopback, and addresses: only names can be bound to another address. */
export function certifiedHosts(certificate: X509Certificate): OwnHosts {
  return {
    includes: (host) => {
      const name = nameIn(host);
      return loopbackHostPattern.test(host) || isIP(name) !== 0 || certificate.checkHost(name) !== undefined;
    },
    named: `what the certificate was issued for (${certificate.subjectAltName ?? certificate.subject}), or an address`,
  };
}

function nameIn(host: string): string {
  return host.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}

export function readSigner(headers: IncomingHttpHeaders): Signer | undefined {
  const match = credentialPattern.exec(headers.authorization ?? "");
  const [, accessKeyId, service] = match ?? [];
  return accessKeyId === undefined || service === undefined ? undefined : { accessKeyId, service };
}

/**
 * The error for a request that is not signed with one of this cloud's access keys; undefined when it is.
 *
 * The signature itself is not verified: the key id is random for each start or made of a secret token, is known only
 * to those who were given the credentials, and leaves loopback only inside TLS, so carrying it proves as much as a signature made with its secret would,
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
  // The key is not named: it is as good as a password, and a slip of the pen is close to the right one.
  const message = "the access key is not this embedded cloud's: each start makes a new one, in `credentials`";
  // Each service has its own name for an unknown key.
  const code = unknownKeyNames[signer.service] ?? "UnrecognizedClientException";
  return new AwsError(code, message, { status: 403, modelled: false });
}
