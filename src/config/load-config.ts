import type { Config, FargateConfig } from "./config.ts";
import { readConfigFile } from "./config-file.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import { Settings } from "./layer.ts";

/** Where the configuration is read from. */
export interface ConfigPlaces {
  readonly env: Environment;
  /** The directory of the config file. */
  readonly directory: string;
}

export interface LoadedConfig {
  readonly config: Config;
  /** Where the settings under `section` stand, for messages. */
  readonly sources: (section: string) => readonly string[];
}

/**
 * The configuration in force: `CLOUDBURST__…` variables, then Prefect's, then the config file, then the defaults.
 *
 * @throws {InvalidOptionError} that names the variable or the place in the file.
 */
export async function loadConfig({ env, directory }: ConfigPlaces): Promise<LoadedConfig> {
  const settings = new Settings([...readEnvironment(env), await readConfigFile(directory)]);
  return { config: configOf(settings), sources: (section) => settings.sources(section) };
}

function configOf(settings: Settings): Config {
  const debug = settings.get("debug") ?? false;
  return {
    debug,
    engine: {
      executor: { defaultClass: settings.get("engine.executor.defaultClass"), fargate: fargateOf(settings) },
    },
    logging: { level: settings.get("logging.level") ?? (debug ? "debug" : undefined) },
    flows: {
      checkpointing: settings.get("flows.checkpointing") ?? true,
      runOnSchedule: settings.get("flows.runOnSchedule") ?? true,
    },
    records: { directory: settings.get("records.directory"), keep: settings.get("records.keep") ?? 100 },
    tasks: {
      defaults: {
        maxRetries: settings.get("tasks.defaults.maxRetries") ?? 0,
        retryDelayMs: settings.get("tasks.defaults.retryDelay"),
        timeoutMs: settings.get("tasks.defaults.timeout"),
      },
    },
  };
}

function fargateOf(settings: Settings): FargateConfig {
  const address = settings.get("engine.executor.fargate.address");
  const clusterClass = settings.get("engine.executor.fargate.clusterClass");
  const clusterKwargs = settings.get("engine.executor.fargate.clusterKwargs");
  const adaptKwargs = settings.get("engine.executor.fargate.adaptKwargs");
  const prices = settings.get("engine.executor.fargate.prices");
  return {
    ...(address !== undefined && { address }),
    ...(clusterClass !== undefined && { clusterClass }),
    ...(clusterKwargs !== undefined && { clusterKwargs }),
    ...(adaptKwargs !== undefined && { adaptKwargs }),
    ...(prices !== undefined && { prices }),
  };
}
