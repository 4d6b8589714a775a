/** Where the commands about recorded runs find them: where the configuration says that runs are recorded. */
import { loadConfig } from "../config/load-config.ts";
import { recordDirectory } from "../observe/record-directory.ts";

export async function recordsDirectory(): Promise<string> {
  const { config } = await loadConfig({ env: process.env, directory: process.cwd() });
  return recordDirectory(config, process.env);
}
