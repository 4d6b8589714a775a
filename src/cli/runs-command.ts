/** `cloudburst runs`: the runs that are recorded on this machine. */
import { Command } from "commander";
import { CloudburstError } from "../base/errors.ts";
import { formatDuration, formatUsd } from "../observe/human-units.ts";
import { readRecord, recordedRuns } from "../observe/record-library.ts";
import type { RunRecord } from "../observe/run-record.ts";
import { textTable } from "../observe/text-table.ts";
import { recordsDirectory } from "./records.ts";

export function runsCommand(): Command {
  return new Command("runs").description("list the recorded runs, the latest first").action(listRuns);
}

async function listRuns(): Promise<void> {
  const directory = await recordsDirectory();
  const ids = [...(await recordedRuns(directory))].reverse();
  if (ids.length === 0) {
    console.log(`no runs are recorded in ${directory}`);
    return;
  }
  const rows: string[][] = [];
  for (const id of ids) rows.push([id, ...(await rowOf(directory, id))]);
  console.log(textTable([["run", "started", "flow", "where", "ended", "took", "cost", "workers"], ...rows]));
}

/** One record that cannot be read does not hide the others. */
async function rowOf(directory: string, id: string): Promise<readonly string[]> {
  try {
    return cellsOf(await readRecord(directory, id));
  } catch (error) {
    if (!(error instanceof CloudburstError)) throw error;
    return ["–", "–", "–", "cannot be read", "–", "–", "–"];
  }
}

function cellsOf({ header, end, workers }: RunRecord): readonly string[] {
  const joined = workers.filter(({ what }) => what === "joined").length;
  return [
    new Date(header.startedAt).toISOString().slice(0, 19),
    header.flow,
    header.profile.place,
    end?.kind ?? "no end",
    end === undefined ? "–" : formatDuration(end.at),
    end?.cost === undefined ? "–" : formatUsd(end.cost.totalUsd),
    String(end?.report?.workers ?? joined),
  ];
}
