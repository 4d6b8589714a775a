/** What a user may say of a scheduler, checked before anything is started. */
import { hostname } from "node:os";
import * as z from "zod";
import type { AwsCredentials } from "../aws/clients.ts";
import { InvalidOptionError } from "../base/errors.ts";
import { parseOptions } from "../base/parse-options.ts";
import { defaultPort, isLoopback } from "./address.ts";
import { readPem } from "./aws-options.ts";
import type { LocalSize } from "./local-size.ts";
import { resolveLocalSize } from "./local-size.ts";
import { checkToken, tokenCredentials, tokenVariable } from "./scheduler-key.ts";

export interface SchedulerOptions {
  /** Address of this machine to listen on; any but loopback needs a token and TLS. @default 127.0.0.1 */
  readonly host?: string | undefined;
  /** 0 takes a free one. @default 8786 */
  readonly port?: number | undefined;
  /** Worker processes that it starts, 0 to 1000. @default one for each core */
  readonly nWorkers?: number | undefined;
  /** Calls that each of them runs at once, 1 to 256. @default as on a local cluster */
  readonly threadsPerWorker?: number | undefined;
  /** At least 16 characters that drivers and workers have to know. @default CLOUDBURST_TOKEN; else a random key for this user alone */
  readonly token?: string | undefined;
  /** PEM text, or the path of a file that holds it; goes with `tlsKey`. */
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
}

export interface ResolvedScheduler {
  readonly host: string;
  readonly port: number;
  readonly size: LocalSize;
  /** Undefined has the embedded cloud make some. */
  readonly credentials: AwsCredentials | undefined;
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
}

const whole = (least: number, most: number, what: string) => {
  const error = `${what} must be a whole number from ${String(least)} to ${String(most)}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};

const schema = z.strictObject({
  host: z.string().min(1).optional(),
  port: whole(0, 65_535, "the port").optional(),
  nWorkers: whole(0, 1_000, "the number of workers").optional(),
  threadsPerWorker: whole(1, 256, "the number of threads").optional(),
});

/** @throws InvalidOptionError that says what is wrong, without repeating a secret */
export function resolveScheduler(options: SchedulerOptions, cores: number, env: NodeJS.ProcessEnv): ResolvedScheduler {
  const { token, tlsCert, tlsKey, ...plain } = options;
  const { host = "127.0.0.1", port = defaultPort, ...size } = parseOptions("scheduler", schema, plain);
  const tls = resolveTls(tlsCert, tlsKey);
  const credentials = resolveToken(token, env);
  if (!isLoopback(host) && (tls === undefined || credentials === undefined)) {
    throw new InvalidOptionError(
      `other machines can reach \`host\` ${host}, so that a token and TLS are needed: --token (or ${tokenVariable}), --tls-cert and --tls-key`,
      { host },
    );
  }
  if (tls === undefined && host !== "127.0.0.1" && host !== "localhost") {
    throw new InvalidOptionError(`without TLS \`host\` must be 127.0.0.1, got ${host}`, { host });
  }
  return { host, port, size: resolveLocalSize(size, cores), credentials, tls };
}

/** As drivers and workers are to write it. */
export function addressOf(host: string, port: number, withTls: boolean): string {
  const named = ["0.0.0.0", "::"].includes(host) ? hostname() : host.includes(":") ? `[${host}]` : host;
  return `${withTls ? "https" : "http"}://${named}:${String(port)}`;
}

function resolveTls(tlsCert: string | undefined, tlsKey: string | undefined): ResolvedScheduler["tls"] {
  const cert = readPem("tlsCert", tlsCert);
  const key = readPem("tlsKey", tlsKey);
  if (cert !== undefined && key !== undefined) return { cert, key };
  if (cert === undefined && key === undefined) return undefined;
  throw new InvalidOptionError(
    "a TLS certificate and its key go together: give both --tls-cert and --tls-key, or neither",
  );
}

function resolveToken(given: string | undefined, env: NodeJS.ProcessEnv): AwsCredentials | undefined {
  if (given !== undefined) return tokenCredentials(checkToken(given, "the token"));
  const named = env[tokenVariable];
  return named === undefined || named === "" ? undefined : tokenCredentials(checkToken(named, tokenVariable));
}
