/** Synthesizes the stack in this process: no CLI, no network, no Docker, no credentials. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { App, Validations } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import type { IPolicyValidationPlugin } from "aws-cdk-lib";
import { CloudburstStack } from "../../infra/cloudburst-stack.ts";
import { readStackSettings } from "../../infra/stack-settings.ts";
import { scratchDirectory } from "../support/scratch.ts";

/** For hooks that synthesize first: loading the CDK takes a busy machine longer than a hook is given. */
export const patienceMs = 120_000;

type Context = Readonly<Record<string, string>>;

export interface Properties {
  readonly [name: string]: unknown;
}

export interface Resource {
  readonly id: string;
  readonly Type: string;
  readonly Properties: Properties;
  readonly DeletionPolicy?: string;
}

const scratch = scratchDirectory();

/** A package directory with a worker file of fixed content, so that the image's hash does not depend on a build. */
const packageDirectory = join(scratch, "package");
mkdirSync(join(packageDirectory, "dist"), { recursive: true });
mkdirSync(join(packageDirectory, "worker-image"));
writeFileSync(join(packageDirectory, "dist/worker.mjs"), "// a worker\n");
writeFileSync(join(packageDirectory, "worker-image/Dockerfile"), "FROM scratch\nCOPY dist/worker.mjs ./\n");

/** The feature flags of cdk.json: without them another template would be tested than is deployed. */
const cdkJson = fileURLToPath(new URL("../../cdk.json", import.meta.url));
const { context: flags } = JSON.parse(readFileSync(cdkJson, "utf8")) as { context: Record<string, unknown> };

/** Without a directory of its own each app would leave one behind. */
export function newApp(context: Readonly<Record<string, unknown>> = {}): App {
  return new App({ context, outdir: mkdtempSync(join(scratch, "out-")) });
}

export function createApp(context: Context = {}): { app: App; stack: CloudburstStack } {
  const app = newApp({ ...flags, ...context });
  return { app, stack: new CloudburstStack(app, readStackSettings(app.node), packageDirectory) };
}

const synthesized = new Map<string, Template>();

/** A template takes half a second, and many tests look at the same one. */
export function synthesize(context: Context = {}): Template {
  const key = JSON.stringify(context);
  const template = synthesized.get(key) ?? Template.fromStack(createApp(context).stack);
  synthesized.set(key, template);
  return template;
}

/** @returns the directory of the assembly. @throws Error with what the plugin found */
export function synthesizeWith(
  plugin: (app: App, stack: CloudburstStack) => IPolicyValidationPlugin,
  context: Context = {},
): string {
  const { app, stack } = createApp(context);
  Validations.of(app).addPlugins(plugin(app, stack));
  return app.synth().directory;
}

export function resourcesOf(template: Template, type?: string): Resource[] {
  const { Resources } = template.toJSON() as { Resources: Record<string, Omit<Resource, "id">> };
  return Object.entries(Resources)
    .map(([id, resource]) => ({ id, ...resource, Properties: resource.Properties }))
    .filter(({ Type }) => type === undefined || Type === type);
}

export function only(template: Template, type: string): Properties {
  const [first, ...others] = resourcesOf(template, type);
  if (first === undefined || others.length > 0)
    throw new Error(`${others.length + (first ? 1 : 0)} of ${type}, not one`);
  return first.Properties;
}
