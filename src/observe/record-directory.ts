import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import type { RecordPlace } from "./record-file.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface RecordSettings {
  readonly records: { readonly directory: string | undefined; readonly keep: number };
}

/** Where runs are to be recorded; undefined where they are not. */
export function recordPlace(settings: RecordSettings, env: Environment): RecordPlace | undefined {
  const { keep } = settings.records;
  return keep === 0 ? undefined : { directory: recordDirectory(settings, env), keep };
}

/** Where records are, whether further ones are kept or not. */
export function recordDirectory({ records }: RecordSettings, env: Environment): string {
  return records.directory ?? defaultRecordDirectory(env);
}

/** Where records are unless configured: the XDG base directory for what a user's programs remember. */
function defaultRecordDirectory(env: Environment): string {
  const state = env["XDG_STATE_HOME"];
  const base = state !== undefined && isAbsolute(state) ? state : join(env["HOME"] ?? homedir(), ".local", "state");
  return join(base, "cloudburst", "runs");
}
