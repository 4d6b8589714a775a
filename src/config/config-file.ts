/** Settings of a config file in the working directory. */
import { lilconfig } from "lilconfig";
import { CloudburstError, InvalidOptionError, toError } from "../base/errors.ts";
import { defaultExport, importFile } from "./import-module.ts";
import type { Found, Layer } from "./layer.ts";
import { isPlainObject, isSection, isSettingName, readValue, SETTING_NAMES, type SettingName } from "./settings.ts";

/** The first that exists is read. */
const CONFIG_FILES = ["ts", "mts", "js", "mjs", "json"].map((ending) => `cloudburst.config.${ending}`);

const load = async (path: string): Promise<unknown> => defaultExport(await importFile(path));

/**
 * What the config file in `directory` sets; nothing when there is none.
 *
 * @throws {CloudburstError} `config_file` when it cannot be loaded.
 * @throws {InvalidOptionError} for keys that do not exist and values that are not allowed.
 */
export async function readConfigFile(directory: string): Promise<Layer> {
  const found = await searchIn(directory);
  if (found === null) return new Map();
  return new Map(settingsIn(found.config, "", found.filepath));
}

async function searchIn(directory: string): Promise<{ readonly config: unknown; readonly filepath: string } | null> {
  const loaders = { ".ts": load, ".mts": load, ".js": load, ".mjs": load };
  const searcher = lilconfig("cloudburst", { searchPlaces: CONFIG_FILES, stopDir: directory, loaders, cache: false });
  try {
    return await searcher.search(directory);
  } catch (thrown) {
    const message = `the config file in ${directory} cannot be loaded: ${toError(thrown).message}`;
    throw new CloudburstError("config_file", message, { cause: thrown, data: { directory } });
  }
}

function settingsIn(value: unknown, name: string, file: string): [SettingName, Found][] {
  const source = name === "" ? file : `${name} in ${file}`;
  if (isSettingName(name))
    return value === undefined ? [] : [[name, { value: readValue(name, value, source), source }]];
  if (name !== "" && !isSection(name)) {
    throw new InvalidOptionError(`there is no setting ${source}: allowed are ${SETTING_NAMES.join(", ")}`, { name });
  }
  if (value === undefined && name !== "") return [];
  if (isPlainObject(value)) {
    return Object.entries(value).flatMap(([key, part]) => settingsIn(part, name === "" ? key : `${name}.${key}`, file));
  }
  const must = name === "" ? "must have an object as its default export" : "must be an object";
  throw new InvalidOptionError(`${source} ${must}, got ${typeof value}`, { name });
}
