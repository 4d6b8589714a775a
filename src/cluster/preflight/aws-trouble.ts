/**
 * What AWS and its SDK throw, in words that say what to do. AWS tells some facts in its messages only, above all which
 * action on which resource was denied: this is the one place that reads them.
 */
import { CloudburstError, toError } from "../../base/errors.ts";

/** What was tried, and what the caller must be allowed to do for it. */
export interface Attempt {
  /** For messages: `find the stack Cloudburst`. */
  readonly doing: string;
  /** As policies name it: `ecs:RunTask`. */
  readonly action: string;
  /** Used where AWS does not name the resource. */
  readonly resource: string;
  /** What gives the permission. @default the stack's driver policy */
  readonly grant?: string;
}

export type TroubleCode =
  /** None were found, in no place that the SDK looks into. */
  | "no_credentials"
  | "no_region"
  | "session_expired"
  /** AWS does not know the access key, or the secret is not its own. */
  | "credentials_rejected"
  | "access_denied"
  /** No answer at all. */
  | "unreachable"
  | "aws_failed";

const driverPolicy = "attach the stack's driver policy, its output CloudburstDriverPolicyArn, to them";

const expired = new Set(["ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"]);
const rejected = new Set([
  "AuthFailure",
  "InvalidAccessKeyId",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "UnrecognizedClientException",
]);
const denied = new Set(["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "Forbidden", "403"]);

/** @returns an error that says what to do; `CloudburstError`s pass unchanged */
export function awsTrouble(thrown: unknown, attempt: Attempt): CloudburstError {
  if (thrown instanceof CloudburstError) return thrown;
  const error = toError(thrown);
  const code = troubleCode(error);
  const { action, resource } = code === "access_denied" ? deniedThing(error.message, attempt) : attempt;
  return new CloudburstError(code, explain(code, error, { ...attempt, action, resource }), {
    cause: error,
    retryable: code === "unreachable" || (code === "aws_failed" && (statusOf(error) ?? 0) >= 500),
    data: { action, resource, reason: error.name },
  });
}

function troubleCode(error: Error): TroubleCode {
  if (error.name === "CredentialsProviderError" || error.name === "TokenProviderError") {
    return /sso|expired|refresh/iu.test(error.message) ? "session_expired" : "no_credentials";
  }
  if (error.message === "Region is missing") return "no_region";
  if (expired.has(error.name)) return "session_expired";
  if (rejected.has(error.name)) return "credentials_rejected";
  if (denied.has(error.name)) return "access_denied";
  return statusOf(error) === undefined && "code" in error ? "unreachable" : "aws_failed";
}

function statusOf(error: Error): number | undefined {
  const metadata: unknown = Reflect.get(error, "$metadata");
  const status: unknown =
    typeof metadata === "object" && metadata !== null ? Reflect.get(metadata, "httpStatusCode") : undefined;
  return typeof status === "number" ? status : undefined;
}

const deniedPattern = /not authorized to perform:? (?<action>[\w-]+:\w+)(?: on resource:? "?(?<resource>[^\s"]+)"?)?/u;

/** What AWS says was denied: it may be another action than the one that was called, as with `iam:PassRole`. */
function deniedThing(message: string, attempt: Attempt): { readonly action: string; readonly resource: string } {
  const groups = deniedPattern.exec(message)?.groups;
  const action = groups?.["action"] ?? attempt.action;
  // SQS writes actions in lower case, policies do not.
  const spelled = action.toLowerCase() === attempt.action.toLowerCase() ? attempt.action : action;
  return { action: spelled, resource: groups?.["resource"] ?? attempt.resource };
}

function explain(code: TroubleCode, error: Error, attempt: Attempt): string {
  const { doing, action, resource, grant = driverPolicy } = attempt;
  switch (code) {
    case "no_credentials":
      return `cannot ${doing}: no AWS credentials were found (sign in with \`aws sso login\` or \`aws configure\`, name a profile in AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)`;
    case "no_region":
      return `cannot ${doing}: no AWS region is known (set AWS_REGION, or the region of the profile)`;
    case "session_expired":
      return `cannot ${doing}: the AWS session has expired (renew it: \`aws sso login\`, or fetch new temporary credentials): ${error.message}`;
    case "credentials_rejected":
      return `cannot ${doing}: AWS does not accept these credentials (${error.name}; check AWS_PROFILE, the access key and its secret)`;
    case "access_denied":
      return `cannot ${doing}: these AWS credentials may not do ${action} on ${resource} (${denialRemedy(error.message, grant)})`;
    case "unreachable":
      return `cannot ${doing}: AWS gave no answer (check the network, the proxy and the name of the region): ${error.message}`;
    case "aws_failed":
      return `cannot ${doing}: ${error.name}: ${error.message}`;
  }
}

/** An explicit deny, a boundary or an organization's policy cannot be mended by attaching another policy. */
function denialRemedy(message: string, grant: string): string {
  const because =
    /\b(?:with an explicit deny in an? |because no )(?<what>service control policy|resource control policy|permissions boundary|session policy|VPC endpoint policy|identity-based policy|resource-based policy)/u;
  const match = because.exec(message);
  const what = match?.groups?.["what"];
  if (what === undefined || (what === "identity-based policy" && !match?.[0].startsWith("with"))) {
    return grant;
  }
  return `the ${what} of the account forbids it: ask whoever administers it`;
}
