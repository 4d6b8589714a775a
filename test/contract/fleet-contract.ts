/** What Cloudburst relies on in a container service, as one suite for every ECS: ours, an emulator, AWS. */

import { contractSuite } from "./contract-suite.ts";
import type { Deviations } from "./contract-suite.ts";
import { definitionChecks } from "./fleet-checks-definitions.ts";
import { refusalChecks } from "./fleet-checks-refusals.ts";
import { runningChecks } from "./fleet-checks-running.ts";
import { openFleetLab } from "./fleet-lab.ts";
import type { FleetCloud } from "./fleet-lab.ts";

export function fleetContract(name: string, open: () => Promise<FleetCloud>, deviations: Deviations = {}): void {
  const checks = [...definitionChecks, ...refusalChecks, ...runningChecks];
  contractSuite(`fleet contract on ${name}`, checks, async () => openFleetLab(await open()), deviations);
}
