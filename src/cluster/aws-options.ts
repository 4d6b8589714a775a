/** Checks how requests reach AWS, and reads what TLS needs. */
import { readFileSync } from "node:fs";
import * as z from "zod";
import type { AwsCredentials, AwsSettings, TlsIdentity } from "../aws/clients.ts";
import { InvalidOptionError, toError } from "../base/errors.ts";
import type { AwsOptions, SecurityOptions } from "./fargate-options.ts";

const url = z.url({ protocol: /^https?$/, error: "must be a URL that begins with http:// or https://" });
const kmsKey = z
  .string()
  .regex(/^(arn:[^:]+:kms:[^:]+:\d{12}:(key|alias)\/[\w/-]+|alias\/[\w/-]+|(mrk-)?[0-9a-f-]{32,36})$/, {
    error: "must be a KMS key: its id, its ARN, or an alias like alias/flows",
  });
const pem = z.string().min(1, { error: "must be PEM text or the path of a file that holds it" });

export const awsShape = {
  region: z
    .string()
    .regex(/^[a-z]{2,}(-[a-z]+)+-\d+$/, { error: "must be a region like eu-west-1" })
    .optional(),
  profile: z.string().min(1).optional(),
  // Checked by `checkCredentials`: the schema's own messages would show the value.
  credentials: z.custom<AwsOptions["credentials"]>().optional(),
  endpoint: url.optional(),
  endpoints: z
    .strictObject({
      sqs: url.optional(),
      s3: url.optional(),
      ecs: url.optional(),
      cloudformation: url.optional(),
      sts: url.optional(),
      serviceQuotas: url.optional(),
    })
    .optional(),
  security: z
    .strictObject({
      ca: pem.optional(),
      cert: pem.optional(),
      key: pem.optional(),
      kmsKeyId: kmsKey.optional(),
      // Checked where it is used, for the same reason.
      token: z.custom<string>().optional(),
    })
    .check(({ value, issues }) => {
      const { cert, key } = value;
      if ((cert === undefined) === (key === undefined)) return;
      // The message names the value at the path: at the missing one's there is none, and the key stays untold.
      const missing = cert === undefined ? "cert" : "key";
      const message = "`cert` and `key` go together: give both or neither";
      issues.push({ code: "custom", input: undefined, path: [missing], message });
    })
    .optional(),
} as const;

/** @throws InvalidOptionError for credentials without a key, for files that cannot be read, and for a token, which AWS does not know */
export function resolveAwsSettings(options: AwsOptions): AwsSettings {
  const { region, profile, credentials, endpoint, endpoints, security } = options;
  return {
    region,
    profile,
    credentials: checkCredentials(credentials),
    endpoint,
    endpoints,
    tls: security === undefined ? undefined : readTls(security),
  };
}

function checkCredentials(given: AwsOptions["credentials"]): AwsSettings["credentials"] {
  if (given === undefined || typeof given === "function") return given;
  if (isIdentity(given)) return given;
  throw new InvalidOptionError(
    "`credentials` must be { accessKeyId, secretAccessKey } with an optional sessionToken, or a function that gives them",
  );
}

function isIdentity(given: unknown): given is AwsCredentials {
  if (typeof given !== "object" || given === null) return false;
  const keys = [Reflect.get(given, "accessKeyId"), Reflect.get(given, "secretAccessKey")];
  const token: unknown = Reflect.get(given, "sessionToken");
  return keys.every((key) => typeof key === "string" && key !== "") && ["string", "undefined"].includes(typeof token);
}

function readTls({ ca, cert, key, token }: SecurityOptions): TlsIdentity {
  if (token !== undefined) {
    throw new InvalidOptionError(
      "`security.token` opens a scheduler's door: it goes with an `address` that begins with http:// or https://",
    );
  }
  return {
    ca: readPem("security.ca", ca),
    cert: readPem("security.cert", cert),
    key: readPem("security.key", key),
  };
}

/** @throws InvalidOptionError when it is neither PEM text nor a file that can be read */
export function readPem(name: string, given: string | undefined): string | undefined {
  if (given === undefined || given.includes("-----BEGIN")) return given;
  try {
    return readFileSync(given, "utf8");
  } catch (error) {
    throw new InvalidOptionError(
      `\`${name}\` must be PEM text or the path of a file that holds it: ${toError(error).message}`,
    );
  }
}
