import type { ContainerConfinement } from "../cloud.ts";
import { readBoolean, readObject, readObjects, readText, readTexts } from "../json-input.ts";
import type { JsonObject } from "../json-input.ts";

/** How a container definition wants its container shut in. */
export function readConfinement(input: JsonObject): ContainerConfinement {
  const linuxParameters = readObject(input, "linuxParameters") ?? {};
  const capabilities = readObject(linuxParameters, "capabilities") ?? {};
  return {
    user: readText(input, "user"),
    readonlyRoot: readBoolean(input, "readonlyRootFilesystem") ?? false,
    mountPaths: (readObjects(input, "mountPoints") ?? []).flatMap((mount) => readText(mount, "containerPath") ?? []),
    init: readBoolean(linuxParameters, "initProcessEnabled") ?? false,
    droppedCapabilities: readTexts(capabilities, "drop") ?? [],
  };
}
