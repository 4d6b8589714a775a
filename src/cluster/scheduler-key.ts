/**
 * The key to a scheduler: whoever has it may send chunks, and workers run what is sent.
 *
 *  K1 It is random for each start and lies in a file that its user alone can read, or is made of a token that the users
 *     share. Neither stands in an address, a message or a log.
 *  K2 A file that others could have written or read is not believed.
 */
import { createHmac } from "node:crypto";
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { homedir, hostname } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import type { AwsCredentials } from "../aws/clients.ts";
import { CloudburstError, InvalidOptionError, toError } from "../base/errors.ts";
import type { SchedulerAddress } from "./address.ts";

/** Stands in for `--token` and `security: { token }`. */
export const tokenVariable = "CLOUDBURST_TOKEN";

/** The door stands open to a network: guessing must be hopeless. */
const leastTokenLength = 16;

const schema = z.object({ accessKeyId: z.string().min(1), secretAccessKey: z.string().min(1) });

/** A key, and where it was found, for messages. */
export interface FoundKey {
  readonly credentials: AwsCredentials;
  readonly source: string;
}

/** @throws InvalidOptionError that does not repeat the token */
export function checkToken(token: unknown, name: string): string {
  if (typeof token === "string" && token.length >= leastTokenLength) return token;
  throw new InvalidOptionError(
    `${name} must be text of at least ${String(leastTokenLength)} characters (make one: openssl rand -hex 32)`,
  );
}

/** The same on both sides. The token cannot be told from it. */
export function tokenCredentials(token: string): AwsCredentials {
  const derive = (use: string): string => createHmac("sha256", token).update(`cloudburst ${use}`).digest("hex");
  return { accessKeyId: `TOKEN${derive("access key").toUpperCase()}`, secretAccessKey: derive("secret key") };
}

/**
 * What is given goes before the environment, and that before the file that a scheduler of this user has left.
 * @throws CloudburstError `key_unsafe` (K2); InvalidOptionError for a token that cannot be one
 */
export async function findKey(
  address: SchedulerAddress,
  token: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): Promise<FoundKey | undefined> {
  if (token !== undefined) return { credentials: tokenCredentials(token), source: "the token" };
  const fromEnvironment = env[tokenVariable];
  if (fromEnvironment !== undefined && fromEnvironment !== "") {
    const checked = checkToken(fromEnvironment, tokenVariable);
    return { credentials: tokenCredentials(checked), source: `the token in ${tokenVariable}` };
  }
  if (!address.loopback) return undefined;
  const file = keyFile(address.port, env);
  const credentials = await readKeyFile(file);
  return credentials === undefined ? undefined : { credentials, source: `the key in ${file}` };
}

/** Writes the key for drivers and workers of this user on this machine; disposing of it removes the file again. */
export async function publishKey(
  port: number,
  { accessKeyId, secretAccessKey }: AwsCredentials,
  env: NodeJS.ProcessEnv = process.env,
): Promise<AsyncDisposable> {
  const file = keyFile(port, env);
  const draft = `${file}.${String(process.pid)}`;
  const text = JSON.stringify({ accessKeyId, secretAccessKey });
  try {
    await mkdir(stateDirectory(env), { recursive: true, mode: 0o700 });
    await rm(draft, { force: true });
    // Made anew, so that the mode holds, and renamed, so that nobody reads half of it.
    const handle = await open(draft, "wx", 0o600);
    await handle.writeFile(text).finally(() => handle.close());
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined); // the error below is the cause
    throw new CloudburstError(
      "key_unwritten",
      `the scheduler's key cannot be left for its drivers: ${toError(error).message}`,
    );
  }
  return {
    [Symbol.asyncDispose]: async () => {
      // Another scheduler may have come to the port and left its own.
      if ((await readFile(file, "utf8").catch(() => undefined)) === text) await rm(file, { force: true });
    },
  };
}

/** Not the runtime directory, which a cron job does not have. A home may be shared by several machines. */
function keyFile(port: number, env: NodeJS.ProcessEnv): string {
  return join(stateDirectory(env), `${hostname()}-${String(port)}.json`);
}

function stateDirectory(env: NodeJS.ProcessEnv): string {
  return join(env["XDG_STATE_HOME"] || join(homedir(), ".local", "state"), "cloudburst");
}

async function readKeyFile(file: string): Promise<AwsCredentials | undefined> {
  try {
    await checkOwner(file);
    return schema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    if (Reflect.get(toError(error), "code") === "ENOENT") return undefined;
    if (error instanceof CloudburstError) throw error;
    throw unsafe(file, "it cannot be read");
  }
}

/** K2. Windows knows neither owner nor mode; a home is closed to others there. */
async function checkOwner(file: string): Promise<void> {
  const uid = process.getuid?.();
  if (uid === undefined) return;
  const { uid: owner, mode } = await stat(file);
  if (owner !== uid) throw unsafe(file, "it belongs to another user");
  if ((mode & 0o077) !== 0) throw unsafe(file, "others may read or write it");
}

function unsafe(file: string, why: string): CloudburstError {
  return new CloudburstError(
    "key_unsafe",
    `the scheduler's key in ${file} is not used: ${why} (remove it, and start the scheduler again)`,
  );
}
