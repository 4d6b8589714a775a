import { get } from "node:http";
import { text } from "node:stream/consumers";

const timeoutMs = 2_000;

/**
 * The ECS task's id, as the driver knows the worker by it, from the task metadata endpoint; `fallback` where there is
 * none or it does not answer. Plain `node:http`, which is loaded anyway: `fetch` would take 30 ms to load.
 */
export async function findWorkerId(metadataUri: string | undefined, fallback: string): Promise<string> {
  if (metadataUri === undefined) return fallback;
  try {
    const metadata: unknown = JSON.parse(await read(`${metadataUri}/task`));
    const arn: unknown =
      typeof metadata === "object" && metadata !== null ? Reflect.get(metadata, "TaskARN") : undefined;
    return typeof arn === "string" ? (arn.split("/").at(-1) ?? fallback) : fallback;
  } catch {
    return fallback; // the id only makes notices easier to read
  }
}

async function read(url: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    get(url, { signal: AbortSignal.timeout(timeoutMs) }, (response) => resolve(text(response))).on("error", reject);
  });
}
