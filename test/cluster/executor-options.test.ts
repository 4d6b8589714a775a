import { afterEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { pricesIn } from "../../src/base/prices.ts";
import { parseAddress } from "../../src/cluster/address.ts";
import { resolveCapacity } from "../../src/cluster/capacity-plan.ts";
import type { Cluster, OpenCluster } from "../../src/cluster/cluster.ts";
import {
  executorVariables,
  type FargateExecutorOptions,
  resolveFargateOptions,
} from "../../src/executors/fargate-options.ts";
import { openRun } from "../../src/executors/open-run.ts";
import { PastRuns } from "../../src/executors/past-runs.ts";
import { FargateCluster, FargateExecutor } from "../../src/index.ts";
import { fargateWorkerFacts } from "../../src/cluster/worker-facts.ts";
import { openNothing } from "./custom-cluster.ts";
import { plainFacts } from "../support/run-facts.ts";

const { address: addressVariable, clusterClass: classVariable } = executorVariables;
const run = { runId: "run", signal: new AbortController().signal, warn: () => undefined };

afterEach(() => {
  vi.unstubAllEnvs();
});

function resolve(options: FargateExecutorOptions, env: NodeJS.ProcessEnv = {}) {
  return resolveFargateOptions(options, env);
}

/** What a cluster class says when it is asked to open: enough to tell which one it is. */
async function openedBy(options: FargateExecutorOptions, env: NodeJS.ProcessEnv = {}): Promise<unknown> {
  const resolved = resolve(options, env);
  if (resolved.kind === "address") return resolved.address;
  return await resolved.open(run).catch((error: unknown) => String(error));
}

describe("clusterClass", () => {
  const cluster = { description: "mine" } as Cluster;

  class Mine {
    readonly #kwargs: { readonly size: number };
    constructor(kwargs: { readonly size: number }) {
      if (kwargs.size > 3) throw new RangeError("too large");
      this.#kwargs = kwargs;
    }
    async open(): Promise<Cluster> {
      return { ...cluster, workers: this.#kwargs.size };
    }
  }

  it("may be a class, which is made with clusterKwargs when the executor is made", async () => {
    expect(await openedBy({ clusterClass: Mine, clusterKwargs: { size: 2 } })).toEqual({
      description: "mine",
      workers: 2,
    });
    expect(() => new FargateExecutor({ clusterClass: Mine, clusterKwargs: { size: 4 } })).toThrow("too large");
  });

  it("may be a function that gives what opens clusters, or an object that does", async () => {
    const open: OpenCluster = async () => cluster;
    expect(await openedBy({ clusterClass: () => open })).toBe(cluster);
    expect(
      await openedBy({ clusterClass: (kwargs: { size: number }) => new Mine(kwargs), clusterKwargs: { size: 1 } }),
    ).toEqual({
      description: "mine",
      workers: 1,
    });
  });

  it("must give something that opens clusters", () => {
    const wrong = (() => 5) as unknown as () => OpenCluster;
    expect(() => new FargateExecutor({ clusterClass: wrong })).toThrow(
      /`clusterClass` wrong must give a function that opens/,
    );
  });

  it("may name an export of a module, which is imported when a run starts", async () => {
    const file = new URL("custom-cluster.ts", import.meta.url).pathname;
    expect(await openedBy({ clusterClass: `${file}#OpenNothing`, clusterKwargs: { why: "closed" } })).toBe(
      "Error: closed",
    );
    expect(await openedBy({ clusterClass: `${file}#openNothing` })).toBe("Error: nothing to open");
    expect(openNothing).toBeTypeOf("function");
  });

  it("that names a module or an export that is not there is told when the run starts", async () => {
    const file = new URL("custom-cluster.ts", import.meta.url).pathname;
    expect(await openedBy({ clusterClass: "./no/such/module.ts#Cluster" })).toMatch(
      /clusterClass "\.\/no\/such\/module.ts#Cluster" cannot be imported/,
    );
    expect(await openedBy({ clusterClass: `${file}#Nobody` })).toMatch(
      /#Nobody" is not a class or a function \(the module exports OpenNothing, openNothing\)/,
    );
  });

  it("of another name is refused with what there is", () => {
    const unknown = { clusterClass: "KubeCluster" } as unknown as FargateExecutorOptions;
    expect(() => new FargateExecutor(unknown)).toThrow(
      '`clusterClass` must be "LocalCluster", "FargateCluster", "module#Export", a class or a function, got "KubeCluster"',
    );
  });

  it("may be FargateCluster itself, and has its options checked at once", () => {
    const kwargs = { cpu: 1, nWorkers: 2 };
    for (const clusterClass of ["FargateCluster", FargateCluster] as const) {
      expect(() => new FargateExecutor({ clusterClass, clusterKwargs: kwargs })).toThrow(/FargateCluster: `cpu`/);
    }
  });

  it("takes what the executor says of AWS, unless clusterKwargs say otherwise", async () => {
    const nowhere = { endpoint: "http://127.0.0.1:9", credentials: { accessKeyId: "a", secretAccessKey: "b" } };
    const opened = { clusterClass: "FargateCluster", region: "eu-west-1", ...nowhere } as const;
    expect(await openedBy(opened)).toMatch(/stack Cloudburst/);
    expect(() => resolve({ ...opened, clusterKwargs: { region: "Ireland" } })).toThrow(/`region`.*got Ireland/);
    expect(() => resolve({ region: "eu-west-1" } as FargateExecutorOptions)).toThrow(
      '`region` belongs to clusterClass "FargateCluster" or to an `address`',
    );
  });
});

describe("address", () => {
  it("names a stack, and perhaps its region", () => {
    expect(parseAddress("fargate://Cloudburst")).toEqual({
      kind: "stack",
      stack: "Cloudburst",
      region: undefined,
    });
    expect(parseAddress("fargate://Team-A?region=ap-southeast-2")).toEqual({
      kind: "stack",
      stack: "Team-A",
      region: "ap-southeast-2",
    });
  });

  it.each([
    [
      "udp://127.0.0.1:8786",
      /"udp:\/\/127.0.0.1:8786" cannot be used: it must be fargate:\/\/<stack> or fargate:\/\/<stack>\?region=<region>, or http:/,
    ],
    ["", /`address` "" cannot be used: it must be fargate/],
    ["Cloudburst", /it must be fargate/],
    ["fargate://", /behind fargate:\/\/ must stand the name of a stack/],
    ["fargate://Cloudburst/queue", /and nothing else/],
    ["fargate://Cloudburst:80", /the name of a stack|it must be/],
    ["fargate://Cloudburst?zone=a", /it knows no zone/],
    ["fargate://Cloudburst?region=Ireland", /the region must be one like eu-west-1/],
  ])("that is %j is refused with the forms that there are", (address, message) => {
    expect(() => new FargateExecutor({ address })).toThrow(message);
  });

  it("cannot stand beside a cluster that is to be made", () => {
    const message = "Cannot specify `address` and `clusterClass`/`clusterKwargs`";
    const address = "fargate://Cloudburst";
    for (const more of [{ clusterClass: "FargateCluster" }, { clusterKwargs: {} }, { clusterClass: FargateCluster }]) {
      const both: object = { address, ...more };
      expect(() => new FargateExecutor(both as FargateExecutorOptions)).toThrow(message);
    }
  });
});

describe("adaptKwargs", () => {
  it("are checked before anything is started, whatever the cluster", () => {
    const wrong = { minimum: 3, maximum: 2 };
    for (const clusterClass of [undefined, "FargateCluster", "LocalCluster", "./any.ts#Cluster"] as const) {
      const options = { ...(clusterClass !== undefined && { clusterClass }), adaptKwargs: wrong };
      expect(() => new FargateExecutor(options as FargateExecutorOptions)).toThrow(/`minimum` must not be above/);
    }
    expect(() => new FargateExecutor({ adaptKwargs: 3 as unknown as object })).toThrow(
      /`adaptKwargs`: must be an object/,
    );
  });

  it("begin with nWorkers, which must lie within their bounds", () => {
    const of = (nWorkers: number) => resolve({ clusterKwargs: { nWorkers }, adaptKwargs: { minimum: 2, maximum: 4 } });
    expect([2, 4].map((nWorkers) => of(nWorkers).adapt?.maximum)).toEqual([4, 4]);
    expect(() => of(1)).toThrow(
      /`nWorkers` is the number of workers that `adaptKwargs` begins with.*\(2 and 4\), got 1/,
    );
    expect(() => of(5)).toThrow(/got 5/);
  });

  it("are not for a shared cluster, whose service the stack scales", () => {
    const options = { address: "fargate://Cloudburst", adaptKwargs: {} } as unknown as FargateExecutorOptions;
    expect(() => new FargateExecutor(options)).toThrow(/the stack scales the service of a shared cluster/);
  });

  it("in code go before an address in the environment", () => {
    expect(resolve({ adaptKwargs: {} }, { [addressVariable]: "fargate://FromEnvironment" }).kind).toBe("class");
  });

  it("need a cluster with a fleet", async () => {
    let closed = false;
    const open: OpenCluster = () =>
      Promise.resolve({
        description: "mine",
        fleet: undefined,
        workers: 1,
        slotsPerWorker: 1,
        [Symbol.asyncDispose]: () => Promise.resolve(void (closed = true)),
      } as unknown as Cluster);
    const { adapt } = resolve({ clusterClass: () => open, adaptKwargs: {} });
    const nothing = (): undefined => undefined;
    const context = {
      ...run,
      startedAtMs: 0,
      outline: {},
      facts: plainFacts,
      flowName: "f",
      definedIn: undefined,
      tasks: [],
      emit: nothing,
      log: nothing,
    };
    const settings = { open, adapt, clock: systemClock, pastRuns: new PastRuns("/nowhere") };
    await expect(openRun(context, settings)).rejects.toThrow(/adaptKwargs: the cluster \(mine\) has no `fleet`/);
    expect(closed).toBe(true);
  });
});

describe("the environment", () => {
  const address = { [addressVariable]: "fargate://FromEnvironment" };
  const fargate = { [classVariable]: "FargateCluster" };

  it("names the cluster where the code names none", async () => {
    expect(await openedBy({}, address)).toEqual({ kind: "stack", stack: "FromEnvironment", region: undefined });
    expect(() => resolve({ clusterKwargs: { cpu: 1 } as object }, fargate)).toThrow(/FargateCluster: `cpu`/);
  });

  it("gives way to what the code says, also where both together would be an error", async () => {
    expect(await openedBy({ address: "fargate://FromCode" }, { ...address, ...fargate })).toEqual({
      kind: "stack",
      stack: "FromCode",
      region: undefined,
    });
    expect(resolve({ clusterKwargs: { nWorkers: 2 } }, address).kind).toBe("class");
    expect(resolve({ clusterClass: "LocalCluster" }, { ...address, ...fargate }).kind).toBe("class");
  });

  it("cannot name two clusters", () => {
    expect(() => resolve({}, { ...address, ...fargate })).toThrow(
      `${addressVariable} and ${classVariable} cannot both be set`,
    );
  });
});

describe("prices", () => {
  const { prices: pricesVariable } = executorVariables;
  const fleetOf = (options: FargateExecutorOptions) => new FargateExecutor(options).profile.fleet;

  it("are those of the region that the options name, in code before the environment", () => {
    vi.stubEnv("AWS_REGION", "ap-northeast-1");
    expect(fleetOf({ clusterClass: "FargateCluster" })?.prices?.region).toBe("ap-northeast-1");
    const here = fleetOf({ clusterClass: "FargateCluster", region: "eu-central-1" });
    expect(here?.prices?.region).toBe("eu-central-1");
    expect(here?.usdPerHour["on-demand"]).toBeCloseTo(0.03725 + 2 * 0.00409 + 0.005, 10);
    expect(here?.assumed.join()).not.toContain("prices");
  });

  it("are said to be those of us-east-1 where nothing names a region", () => {
    vi.stubEnv("AWS_REGION", undefined);
    const fleet = fleetOf({ clusterClass: "FargateCluster" });
    expect(fleet?.prices?.region).toBe("us-east-1");
    expect(fleet?.assumed).toContain("the region, which no option names, has the prices of us-east-1");
  });

  it("may be given, also in the environment as JSON, and are checked", () => {
    const arm64 = { vcpuHour: 1, gbHour: 0 };
    const given = fleetOf({ clusterClass: "FargateCluster", prices: { fargate: { arm64 }, publicIpv4Hour: 0 } });
    expect(given?.usdPerHour["on-demand"]).toBe(1);
    const text = JSON.stringify({ sqsRequest: 0.5 });
    expect(resolve({}, { [pricesVariable]: text }).given.prices).toEqual({ sqsRequest: 0.5 });
    expect(resolve({ prices: {} }, { [pricesVariable]: text }).given.prices).toEqual({});
    expect(() => resolve({ prices: { publicIpv4Hour: -1 } })).toThrow(
      "`prices.publicIpv4Hour`: must be US dollars, 0 or more, got -1",
    );
    expect(() => resolve({}, { [pricesVariable]: "cheap" })).toThrow(`${pricesVariable} must be JSON such as`);
    expect(() => resolve({}, { [pricesVariable]: '{"fargat":{}}' })).toThrow("unknown option `fargat`");
  });

  it("of a cluster that is opened are those of its region, which only AWS may know", () => {
    const worker = { image: "mine", size: { cpu: 1024, memoryMiB: 2048 }, architecture: "X86_64" } as const;
    const facts = fargateWorkerFacts(worker, resolveCapacity("FARGATE_SPOT"), false, pricesIn("eu-central-1"));
    expect(facts.prices?.region).toBe("eu-central-1");
    expect(facts.usdPerHour?.spot).toBeCloseTo(0.35 * (0.04656 + 2 * 0.00511), 10);
  });
});
