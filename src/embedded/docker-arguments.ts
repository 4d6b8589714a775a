import { CloudburstError } from "../base/errors.ts";
import type { ContainerSpec } from "./cloud.ts";

/** Arguments of `docker create`. The values of variables are not among them: they would stand in every process list. */
export function createArguments(spec: ContainerSpec, processors: number): readonly string[] {
  const [entry, ...entryArguments] = spec.entryPoint ?? [];
  return [
    "--interactive", // standard input is what tells a worker that this process is gone
    ...["--label", `cloudburst.task=${spec.taskArn}`, "--label", `cloudburst.container=${spec.containerName}`],
    ...["--security-opt", "no-new-privileges"],
    ...limitArguments(spec, processors),
    ...confinementArguments(spec),
    ...Object.keys(spec.environment).flatMap((name) => ["--env", name]), // taken from the client's own environment
    ...(entry === undefined ? [] : ["--entrypoint", entry]),
    "--", // whatever the image and the command are called, they are no options
    spec.image,
    ...entryArguments,
    ...spec.command,
  ];
}

function limitArguments({ limits }: ContainerSpec, processors: number): string[] {
  if (limits === undefined) return [];
  // An engine refuses more processors than the machine has.
  const cpus = Math.min(limits.cpuUnits / 1024, processors);
  const memory = `${limits.memoryMib}m`;
  // As much swap as memory means none: a container that takes too much is killed, as on Fargate, and not slowed down.
  return ["--cpus", String(cpus), "--memory", memory, "--memory-swap", memory];
}

function confinementArguments({ confinement }: ContainerSpec): string[] {
  if (confinement === undefined) return [];
  const { user, readonlyRoot, mountPaths, init, droppedCapabilities } = confinement;
  return [
    ...(user === undefined ? [] : ["--user", user]),
    ...(readonlyRoot ? ["--read-only"] : []),
    ...(init ? ["--init"] : []),
    ...mountPaths.flatMap((path) => ["--volume", checkMountPath(path)]),
    ...droppedCapabilities.flatMap((capability) => ["--cap-drop", capability]),
  ];
}

/** With a colon in it, Docker would mount a directory of this machine. */
function checkMountPath(path: string): string {
  if (/^\/[^:]*$/.test(path)) return path;
  throw new CloudburstError(
    "bad_mount_path",
    `CannotCreateVolumeError: containerPath must be an absolute path without a colon, got ${path}`,
  );
}
