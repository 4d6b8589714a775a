/** `cloudburst plan`: what a run would be like, without starting anything. */
import { Command, InvalidArgumentError } from "commander";
import { chooseExecutor } from "./choose-executor.ts";
import { type ExecutorFlags, withExecutorFlags } from "./executor-flags.ts";
import { loadFlow } from "./load-flows.ts";

type Named<T> = Readonly<Record<string, T>>;

interface PlanFlags extends ExecutorFlags {
  readonly flow?: string;
  readonly estimate?: Named<string>;
  readonly width?: Named<number>;
}

export function planCommand(): Command {
  const command = new Command("plan")
    .description(
      "estimate calls, workers over time, wall time and cost of a run, without starting anything (docs/planning.md)",
    )
    .argument("<file>", "the file that exports the flow")
    .option("--flow <name>", "which flow, when the file exports several")
    .option("--estimate <task=time>", "how long a call of a task takes, such as 2s (repeatable)", addEstimate)
    .option("--width <task=calls>", "calls of a mapped task, where only the run can tell (repeatable)", addWidth);
  return withExecutorFlags(command).action(planFlowFile);
}

async function planFlowFile(file: string, flags: PlanFlags): Promise<void> {
  const { flow, parameters, executor: own } = await loadFlow(file, flags.flow);
  const executor = await chooseExecutor(flags, own);
  const { param = {}, estimate: estimates = {}, width: widths = {} } = flags;
  const plan = await flow.plan({ parameters: { ...parameters, ...param }, executor, estimates, widths });
  console.log(plan.toString());
}

function addEstimate(text: string, before: Named<string> = {}): Named<string> {
  const [task, time] = split(text, "task=time");
  return { ...before, [task]: time };
}

function addWidth(text: string, before: Named<number> = {}): Named<number> {
  const [task, calls] = split(text, "task=calls");
  return { ...before, [task]: calls === "" ? Number.NaN : Number(calls) };
}

function split(text: string, form: string): readonly [name: string, value: string] {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError(`write it as ${form}`);
  return [text.slice(0, at), text.slice(at + 1)];
}
