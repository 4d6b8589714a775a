import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseAddress } from "../../src/cluster/address.ts";
import { resolveScheduler, type SchedulerOptions } from "../../src/cluster/scheduler-options.ts";
import { resolveFargateOptions } from "../../src/executors/fargate-options.ts";
import { FargateExecutor } from "../../src/index.ts";

const token = "correct-horse-battery-staple";
const fixture = (name: string): string => new URL(`../fixtures/tls/${name}.pem`, import.meta.url).pathname;

describe("the address of a scheduler", () => {
  it.each([
    ["http://127.0.0.1:8786", "http://127.0.0.1:8786"],
    ["tcp://127.0.0.1:8786", "http://127.0.0.1:8786"],
    ["http://localhost:9000/", "http://localhost:9000"],
    ["127.0.0.1:8786", "http://127.0.0.1:8786"],
    ["localhost:8786", "http://localhost:8786"],
    ["http://127.0.0.1", "http://127.0.0.1:8786"],
    ["http://127.0.0.1:80", "http://127.0.0.1:80"],
    ["https://10.0.0.41:443", "https://10.0.0.41:443"],
    ["tls://scheduler.example:8786", "https://scheduler.example:8786"],
    ["http://[::1]:8786", "http://[::1]:8786"],
  ])("%s is %s", (address, url) => {
    expect(parseAddress(address)).toMatchObject({ kind: "scheduler", url });
  });

  it.each([
    ["tcp://10.0.0.41:8786", /a scheduler of another machine has TLS, so it must begin with https:\/\/ or tls:\/\//],
    ["http://127.0.0.1:8786/status", /a host and a port and nothing else/],
    ["http://127.0.0.1:8786#x", /a host and a port and nothing else/],
  ])("%s is refused", (address, message) => {
    expect(() => new FargateExecutor({ address })).toThrow(message);
  });

  it.each([`http://user:${token}@127.0.0.1:8786`, `http://127.0.0.1:8786/?token=${token}`])(
    "that holds a secret is refused without repeating it (%#)",
    (address) => {
      const refused = (): unknown => new FargateExecutor({ address });
      expect(refused).toThrow(/a token goes into `security: \{ token \}` or CLOUDBURST_TOKEN/);
      expect(refused).not.toThrow(token);
    },
  );

  it("comes from the environment as well", () => {
    const env = { CLOUDBURST__ENGINE__EXECUTOR__FARGATE__ADDRESS: "tcp://127.0.0.1:8786" };
    expect(resolveFargateOptions({}, env)).toMatchObject({
      kind: "address",
      address: { url: "http://127.0.0.1:8786" },
    });
  });
});

describe("beside the address of a scheduler", () => {
  const address = "http://127.0.0.1:8786";
  const refuse = (options: object): Error => {
    try {
      new FargateExecutor({ address, ...options });
    } catch (error) {
      return error as Error;
    }
    throw new Error("it was not refused");
  };

  it("what belongs to AWS is refused", () => {
    expect(refuse({ region: "eu-west-1" }).message).toMatch(/`region` says nothing about the scheduler/);
    expect(refuse({ clusterKwargs: {} }).message).toMatch(/Cannot specify `address`/);
  });

  it("a token must be long enough, and is in no message", () => {
    const { message } = refuse({ security: { token: "guess" } });
    expect(message).toMatch(/^`security.token` must be text of at least 16 characters/);
    expect(message).not.toContain("guess");
    const other = refuse({ security: { token, cert: "-----BEGIN" }, nonsense: 1 });
    expect(`${other.message}${JSON.stringify(other)}`).not.toContain(token);
  });

  it("a token means nothing to AWS", () => {
    expect(() => new FargateExecutor({ address: "fargate://Cloudburst", security: { token } })).toThrow(
      /`security.token` opens a scheduler's door/,
    );
  });

  it("the certificate of an authority is read at once", () => {
    expect(refuse({ security: { ca: "/no/such/file.pem" } }).message).toMatch(
      /`security.ca` must be PEM text or the path/,
    );
  });
});

describe("a scheduler's options", () => {
  const resolve = (options: SchedulerOptions, env: NodeJS.ProcessEnv = {}) => resolveScheduler(options, 4, env);
  const tls = { tlsCert: fixture("certificate"), tlsKey: fixture("key") };

  it("default to dask's port on loopback, with a worker for each core", () => {
    expect(resolve({})).toEqual({
      host: "127.0.0.1",
      port: 8786,
      size: { workers: 4, slotsPerWorker: 1 },
      credentials: undefined,
      tls: undefined,
    });
    expect(resolve({ nWorkers: 0 }).size.workers).toBe(0);
    expect(resolve({ threadsPerWorker: 2 }).size).toEqual({ workers: 2, slotsPerWorker: 2 });
  });

  it("let it listen elsewhere only with a token and TLS", () => {
    const needed = /other machines can reach `host` 0.0.0.0, so that a token and TLS are needed: --token/;
    for (const options of [{}, { token }, tls]) expect(() => resolve({ host: "0.0.0.0", ...options })).toThrow(needed);
    expect(resolve({ host: "0.0.0.0", token, ...tls })).toMatchObject({ host: "0.0.0.0" });
    expect(resolve({ host: "0.0.0.0", ...tls }, { CLOUDBURST_TOKEN: token }).tls?.cert).toBe(
      readFileSync(fixture("certificate"), "utf8"),
    );
    expect(() => resolve({ host: "::1" })).toThrow("without TLS `host` must be 127.0.0.1, got ::1");
  });

  it.each([
    [{ port: 70_000 }, /`port`: the port must be a whole number from 0 to 65535, got 70000/],
    [{ nWorkers: -1 }, /the number of workers must be a whole number from 0 to 1000, got -1/],
    [{ threadsPerWorker: 0 }, /the number of threads must be a whole number from 1 to 256, got 0/],
    [{ token: "short" }, /the token must be text of at least 16 characters/],
    [{ tlsCert: fixture("certificate") }, /give both --tls-cert and --tls-key, or neither/],
  ])("%o is refused", (options, message) => {
    expect(() => resolve(options)).toThrow(message);
  });
});
