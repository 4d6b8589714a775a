/** Reads run records back: what a file holds is checked line by line. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { CloudburstError, InvalidOptionError, toError } from "../base/errors.ts";
import { recordEnding } from "./record-file.ts";
import { foldRecord, type RecordLine, recordLine, recordVersion, type RunRecord } from "./run-record.ts";

/** Ids of the recorded runs, the oldest first. */
export async function recordedRuns(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (Reflect.get(toError(error), "code") === "ENOENT") return []; // nothing was recorded yet
    throw error;
  });
  const records = names.filter((name) => name.endsWith(recordEnding));
  return records.map((name) => name.slice(0, -recordEnding.length)).sort();
}

/**
 * @param given an id, the beginning of one, or `last`
 * @throws InvalidOptionError for a run that is not recorded, and for a beginning that several have
 * @throws CloudburstError `corrupt_record` with file and line
 */
export async function readRecord(directory: string, given: string): Promise<RunRecord> {
  const id = chooseRun(await recordedRuns(directory), given, directory);
  const file = join(directory, id + recordEnding);
  return parseRecord(await readFile(file, "utf8"), file);
}

function chooseRun(ids: readonly string[], given: string, directory: string): string {
  const last = ids.at(-1);
  if (last === undefined) {
    throw new InvalidOptionError(`no runs are recorded in ${directory} (runs on a cluster are; see docs/planning.md)`);
  }
  if (given === "last") return last;
  const [found, ...others] = ids.includes(given) ? [given] : ids.filter((id) => id.startsWith(given));
  if (found === undefined || given === "") {
    throw new InvalidOptionError(
      `there is no run ${JSON.stringify(given)} in ${directory} (see \`cloudburst runs\`; the last one is ${last})`,
    );
  }
  if (others.length === 0) return found;
  throw new InvalidOptionError(`${others.length + 1} runs begin with ${given}: ${[found, ...others].join(", ")}`);
}

/** A last line without its end was being written when the driver died: it is left out. */
function parseRecord(text: string, file: string): RunRecord {
  const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
  const [header, ...rest] = lines.slice(0, -1).map((line, index) => parseLine(line, `${file}:${index + 1}`));
  if (header?.type !== "run") throw corrupt(`${file}:1`, "it does not begin with a run");
  return foldRecord(header, rest);
}

function parseLine(line: string, where: string): RecordLine {
  const value = parseJson(line, where);
  refuseOtherVersion(value, where);
  const parsed = recordLine.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw corrupt(where, `${issue?.path.map(String).join(".") ?? ""}: ${issue?.message ?? "not a line of a record"}`);
}

function parseJson(line: string, where: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw corrupt(where, "the line is no JSON");
  }
}

function refuseOtherVersion(value: unknown, where: string): void {
  const version: unknown = typeof value === "object" && value !== null ? Reflect.get(value, "version") : undefined;
  if (version === undefined || version === recordVersion) return;
  throw corrupt(where, `it has version ${JSON.stringify(version)}, and this program reads ${recordVersion}`);
}

function corrupt(where: string, why: string): CloudburstError {
  return new CloudburstError("corrupt_record", `${where} is not a run record that can be read: ${why}`, {
    data: { where },
  });
}
