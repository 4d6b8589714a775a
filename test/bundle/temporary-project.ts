import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** A user's project on disk, gone when the test has finished. */
export interface TemporaryProject {
  readonly root: string;
  path(name: string): string;
  write(name: string, content: string): Promise<void>;
}

export async function temporaryProject(files: Readonly<Record<string, string>>): Promise<TemporaryProject> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "cloudburst bundle-")));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const project: TemporaryProject = {
    root,
    path: (name) => join(root, name),
    async write(name, content) {
      const path = join(root, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    },
  };
  for (const [name, content] of Object.entries(files)) await project.write(name, content);
  return project;
}
