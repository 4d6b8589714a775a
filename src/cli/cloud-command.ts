/** `cloudburst cloud`: the embedded cloud by itself, for looking at it with the AWS command line or another program. */
import { once } from "node:events";
import { Command } from "commander";
import { startEmbeddedCloud } from "../embedded/start-cloud.ts";
import { endSignal } from "./interrupt.ts";
import { wholeNumber } from "./whole-number.ts";

export function cloudCommand(): Command {
  return new Command("cloud")
    .description("start the embedded cloud (SQS, S3, ECS on 127.0.0.1) and keep it until interrupted")
    .option("--port <n>", "port (default: any free one)", wholeNumber)
    .action(serve);
}

async function serve({ port = 0 }: { readonly port?: number }): Promise<void> {
  const ending = endSignal("ending");
  await using cloud = await startEmbeddedCloud({ port });
  console.log(
    [
      `export AWS_ENDPOINT_URL=${cloud.endpoint}`,
      `export AWS_REGION=${cloud.region}`,
      `export AWS_ACCESS_KEY_ID=${cloud.credentials.accessKeyId}`,
      `export AWS_SECRET_ACCESS_KEY=${cloud.credentials.secretAccessKey}`,
    ].join("\n"),
  );
  await once(ending, "abort");
}
