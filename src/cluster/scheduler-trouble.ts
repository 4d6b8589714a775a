/** What goes wrong between a scheduler and its drivers and workers, in words that say what to do. */
import { CloudburstError, toError } from "../base/errors.ts";
import { QueueDoesNotExist } from "../queue/queue-error.ts";
import type { SchedulerAddress } from "./address.ts";
import { type FoundKey, tokenVariable } from "./scheduler-key.ts";

export interface Connecting {
  readonly address: SchedulerAddress;
  /** The key that was shown. */
  readonly key: FoundKey | undefined;
  /** How long an answer was waited for, when none came. */
  readonly timedOutMs: number | undefined;
}

/** How Node and OpenSSL name a certificate that is not to be trusted. */
const distrust = /CERT|ALTNAME|UNABLE_TO|SELF_SIGNED/;
/** Somebody answers, but not in HTTP, or not in TLS. */
const otherTongue = /^(HPE_|ERR_SSL|EPROTO|ECONNRESET)/;

/** Why no connection came about; `schedulerStack` was asked for. */
export function connectTrouble(thrown: unknown, { address, key, timedOutMs }: Connecting): CloudburstError {
  const { url } = address;
  const cause = toError(Reflect.get(toError(thrown), "cause"));
  const reason = String(Reflect.get(cause, "code"));
  const say = (code: string, message: string): CloudburstError =>
    new CloudburstError(code, message, { cause: thrown, data: { address: url, reason } });
  if (timedOutMs !== undefined) return say("no_scheduler", noAnswer(address, ` within ${String(timedOutMs / 1000)} s`));
  const trouble = thrown instanceof CloudburstError ? thrown.code : "";
  if (trouble === "key_unsafe" || trouble === "invalid_option") return thrown as CloudburstError;
  if (trouble === "credentials_rejected") return say("scheduler_key", keyRefused(address, key));
  if (trouble === "unreachable") {
    if (distrust.test(reason)) {
      return say(
        "scheduler_untrusted",
        `the certificate of the scheduler at ${url} is not trusted: ${cause.message} (name its authority, or the certificate itself where it is its own, in \`security: { ca }\`, for workers in --tls-ca; and use a host that it was issued for)`,
      );
    }
    if (!otherTongue.test(reason)) return say("no_scheduler", noAnswer(address, ""));
  }
  return say("no_scheduler", `what answers at ${url} is no scheduler (${remedyForOther(address)})`);
}

function noAnswer({ url, loopback, port }: SchedulerAddress, within: string): string {
  const standard = loopback ? (port === 8786 ? "" : ` --port ${String(port)}`) : " on that machine, with --host";
  return `nothing answers at ${url}${within} (start one with \`npx cloudburst scheduler${standard}\`)`;
}

function remedyForOther({ url }: SchedulerAddress): string {
  const other = url.startsWith("https") ? `http${url.slice(5)}` : `https${url.slice(4)}`;
  return `if it is one ${url.startsWith("https") ? "without" : "with"} TLS, its address is ${other}; else another program has the port`;
}

function keyRefused({ url, loopback }: SchedulerAddress, key: FoundKey | undefined): string {
  if (key !== undefined) {
    return `the scheduler at ${url} does not accept ${key.source} (give the one that it was started with)`;
  }
  const where = loopback ? ", and none was found: another user has started it" : "";
  return `the scheduler at ${url} wants a key${where} (give the token that it was started with, as \`security: { token }\` or in ${tokenVariable})`;
}

const rejected: ReadonlySet<unknown> = new Set([
  "InvalidClientTokenId",
  "InvalidAccessKeyId",
  "UnrecognizedClientException",
]);

/** The loss of the scheduler, if that is what the failure of a request means; a later one at its address knows no run of it. */
export function goneWith(thrown: unknown, { url }: SchedulerAddress): CloudburstError | undefined {
  if (!(thrown instanceof CloudburstError)) return undefined;
  const unanswered = thrown.retryable && statusOf(thrown.cause) === undefined;
  const unknown = thrown instanceof QueueDoesNotExist || rejected.has(thrown.data["reason"]);
  if (!unanswered && !unknown) return undefined;
  return new CloudburstError(
    "scheduler_gone",
    `the scheduler at ${url} has ended, or cannot be reached any more; what it held of this run is lost then (start it again, and run the flow again)`,
    { cause: thrown, data: { address: url } },
  );
}

function statusOf(error: unknown): unknown {
  const metadata: unknown = typeof error === "object" && error !== null ? Reflect.get(error, "$metadata") : undefined;
  return typeof metadata === "object" && metadata !== null ? Reflect.get(metadata, "httpStatusCode") : undefined;
}
