/** The stack that `cloudburst deploy` deploys: one cluster, with everything that context may set. */
import { BootstraplessSynthesizer, DefaultStackSynthesizer, type IStackSynthesizer, Stack } from "aws-cdk-lib";
import { Key } from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";
import { CloudburstCluster } from "./cloudburst-cluster.ts";
import { importNetwork } from "./cluster-network.ts";
import type { StackSettings } from "./stack-settings.ts";

export class CloudburstStack extends Stack {
  readonly cluster: CloudburstCluster;

  /** @param directory holds `worker-image/` and `dist/worker.mjs`; by default this package does */
  constructor(scope: Construct, settings: StackSettings, directory?: string) {
    super(scope, settings.stackName, {
      description: "Cloudburst: workers on Fargate for the mapped tasks of flows",
      analyticsReporting: false,
      // Neither account nor region: the template is the same everywhere, and made without credentials.
      synthesizer: synthesizerFor(settings),
    });
    const { image: uri, baseImage, vpcId, subnetIds, budgetUsd, budgetEmail, kmsKeyArn } = settings;
    this.cluster = new CloudburstCluster(this, "Cluster", {
      architecture: settings.architecture,
      image: { uri, baseImage, directory },
      cpu: settings.cpu,
      memoryMiB: settings.memory,
      network: vpcId === undefined || subnetIds === undefined ? undefined : importNetwork(this, vpcId, subnetIds),
      assignPublicIp: settings.publicIp,
      imageRepositories: settings.imageRepositories,
      secretArns: settings.secrets,
      encryptionKey: kmsKeyArn === undefined ? undefined : Key.fromKeyArn(this, "Key", kmsKeyArn),
      runDays: settings.runDays,
      codeDays: settings.codeDays,
      logRetention: settings.logDays,
      shared: settings.shared && {
        minimum: settings.sharedMinimum,
        maximum: settings.sharedMaximum,
        chunksPerWorker: settings.sharedChunksPerWorker,
        capacityProvider: settings.sharedCapacityProvider,
      },
      spendingAlarm:
        budgetUsd === undefined || budgetEmail === undefined
          ? undefined
          : { monthlyUsd: budgetUsd, email: budgetEmail },
    });
  }
}

function synthesizerFor({ bootstrap }: StackSettings): IStackSynthesizer {
  const synthesizer = bootstrap ? new DefaultStackSynthesizer() : new BootstraplessSynthesizer();
  return synthesizer as IStackSynthesizer; // CDK's own types disagree where optional means absent
}
