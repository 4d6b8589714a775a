import { expectTypeOf, test } from "vitest";
import { type Cluster, type ClusterRun, FargateCluster, FargateExecutor } from "../../src/index.ts";

class Mine {
  readonly size: number;
  constructor(kwargs: { readonly size: number }) {
    this.size = kwargs.size;
  }
  async open(run: ClusterRun): Promise<Cluster> {
    throw new Error(run.runId);
  }
}

test("each clusterClass has options of its own", () => {
  new FargateExecutor({ clusterKwargs: { nWorkers: 2, port: 0 } });
  new FargateExecutor({
    clusterClass: "FargateCluster",
    clusterKwargs: { cpu: 1024, capacityProvider: "FARGATE_SPOT" },
  });
  new FargateExecutor({ clusterClass: FargateCluster, region: "eu-west-1", clusterKwargs: { nWorkers: 2 } });
  new FargateExecutor({ clusterClass: "./clusters.ts#Mine", clusterKwargs: { anything: true } });
  new FargateExecutor({ clusterClass: Mine, clusterKwargs: { size: 3 } });
  new FargateExecutor({ clusterClass: (kwargs: { size: number }) => new Mine(kwargs), clusterKwargs: { size: 3 } });
  new FargateExecutor({ address: "fargate://Cloudburst", profile: "work" });
  new FargateExecutor({ adaptKwargs: { minimum: 0, maximum: null, targetDuration: "5s", budget: { usd: 1 } } });
  new FargateExecutor({ clusterClass: "FargateCluster", adaptKwargs: { maximum: 10, finishBy: new Date() } });
});

test("what does not belong together is no options", () => {
  // @ts-expect-error a local cluster has no image
  new FargateExecutor({ clusterKwargs: { image: "x" } });
  // @ts-expect-error an existing cluster is not made
  new FargateExecutor({ address: "fargate://Cloudburst", clusterClass: "FargateCluster" });
  // @ts-expect-error and has no options of its own
  new FargateExecutor({ address: "fargate://Cloudburst", clusterKwargs: {} });
  // @ts-expect-error the stack scales it
  new FargateExecutor({ address: "fargate://Cloudburst", adaptKwargs: { maximum: 3 } });
  // @ts-expect-error CPU units are a number
  new FargateExecutor({ clusterClass: "FargateCluster", clusterKwargs: { cpu: "1024" } });
});

test("a cluster that is opened by hand is one", () => {
  expectTypeOf<ReturnType<FargateCluster["open"]>>().resolves.toEqualTypeOf<Cluster>();
});
