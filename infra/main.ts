/** The CDK app that cdk.json names. `cdk deploy -c image=…`: infra/README.md lists what context may set. */
import { App } from "aws-cdk-lib";
import { InvalidOptionError } from "../src/base/errors.ts";
import { CloudburstStack } from "./cloudburst-stack.ts";
import { readStackSettings } from "./stack-settings.ts";

const app = new App();
try {
  new CloudburstStack(app, readStackSettings(app.node));
} catch (error) {
  if (!(error instanceof InvalidOptionError)) throw error;
  process.stderr.write(`${error.message}\n`); // the message is for the user, a stack trace is not
  process.exitCode = 1;
}
