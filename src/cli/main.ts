#!/usr/bin/env node
/** The `cloudburst` command as a program. */
import { runCommandLine } from "./command-line.ts";

await runCommandLine(process.argv.slice(2));
