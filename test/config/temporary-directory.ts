import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory with these files, removed when its scope ends. */
export async function directoryWith(
  files: Readonly<Record<string, string>>,
): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), "cloudburst-config-"));
  for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content);
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      await rm(path, { recursive: true });
    },
  };
}
