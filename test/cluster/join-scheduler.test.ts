import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createRequestCounter } from "../../src/aws/request-counter.ts";
import { parseSchedulerAddress } from "../../src/cluster/address.ts";
import type { SecurityOptions } from "../../src/cluster/fargate-options.ts";
import { type FoundScheduler, prepareConnection } from "../../src/cluster/join-scheduler.ts";
import { startScheduler } from "../../src/cluster/scheduler.ts";
import type { SchedulerOptions } from "../../src/cluster/scheduler-options.ts";
import { startEmbeddedCloud } from "../../src/embedded/start-cloud.ts";

const fixture = (name: string): string => new URL(`../fixtures/tls/${name}.pem`, import.meta.url).pathname;
const tls = { tlsCert: fixture("certificate"), tlsKey: fixture("key") };
const ca = fixture("authority");
const token = "correct-horse-battery-staple";

let home: string;
let opened: AsyncDisposable[];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "cloudburst-state-"));
  vi.stubEnv("XDG_STATE_HOME", home);
  opened = [];
});
afterEach(async () => {
  for (const each of opened) await each[Symbol.asyncDispose]();
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

async function start(options: SchedulerOptions = {}): Promise<string> {
  const say = (): void => undefined;
  const scheduler = await startScheduler(
    { port: 0, nWorkers: 0, ...options },
    { log: say, output: say, env: process.env },
  );
  opened.push(scheduler);
  return scheduler.address;
}

async function connect(address: string, security?: SecurityOptions, timeoutMs?: number): Promise<FoundScheduler> {
  const connection = prepareConnection(parseSchedulerAddress(address), security, timeoutMs);
  return await connection(createRequestCounter(), new AbortController().signal);
}

/** Closes its connections with it, also those that nobody reads. */
async function listen(server: Server): Promise<number> {
  const sockets: Socket[] = [];
  server.on("connection", (socket) => sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  opened.push({ [Symbol.asyncDispose]: close });
  return (server.address() as AddressInfo).port;
}

describe("a scheduler of the same user", () => {
  it("is joined by its address alone", async () => {
    expect(await connect(await start())).toMatchObject({ bucket: "cloudburst-local" });
  });

  it("takes its key away when it ends", async () => {
    await start();
    expect(readdirSync(join(home, "cloudburst"))).toHaveLength(1);
    await opened.pop()?.[Symbol.asyncDispose]();
    expect(readdirSync(join(home, "cloudburst"))).toEqual([]);
  });

  it("leaves the port to nobody else", async () => {
    const port = Number(new URL(await start()).port);
    await expect(start({ port })).rejects.toThrow(`port ${String(port)} on 127.0.0.1 is in use`);
  });
});

describe("where no connection comes about, it is said why, and what to do", () => {
  const refusal = async (...args: Parameters<typeof connect>): Promise<string> => {
    const error: unknown = await connect(...args).then(
      () => "it was joined",
      (reason: unknown) => reason,
    );
    expect(`${String(error)}${JSON.stringify(error)}`).not.toContain(token);
    return (error as Error).message;
  };

  it("nobody is there", async () => {
    expect(await refusal("http://127.0.0.1:9")).toBe(
      "nothing answers at http://127.0.0.1:9 (start one with `npx cloudburst scheduler --port 9`)",
    );
  });

  it("nobody answers in time", async () => {
    const port = await listen(createServer());
    expect(await refusal(`http://127.0.0.1:${String(port)}`, undefined, 50)).toMatch(
      /^nothing answers at http:\/\/127.0.0.1:\d+ within 0.05 s \(start one with/,
    );
  });

  it("another program has the port", async () => {
    const web = await listen(createHttpServer((_request, response) => response.end("<h1>hello</h1>")));
    const other = await listen(createServer((socket) => socket.on("error", () => undefined).end("220 smtp\r\n")));
    const cloud = await startEmbeddedCloud();
    opened.push(cloud);
    for (const port of [web, other]) {
      expect(await refusal(`http://127.0.0.1:${String(port)}`)).toMatch(
        /is no scheduler .*another program has the port/,
      );
    }
    expect(await refusal(cloud.endpoint)).toMatch(/wants a key, and none was found: another user has started it/);
  });

  it("the key is not this scheduler's", async () => {
    const address = await start({ token });
    expect(await refusal(address, { token: "another-long-token" })).toBe(
      `the scheduler at ${address} does not accept the token (give the one that it was started with)`,
    );
    vi.stubEnv("CLOUDBURST_TOKEN", "another-long-token");
    expect(await refusal(address)).toContain("does not accept the token in CLOUDBURST_TOKEN");
    vi.stubEnv("CLOUDBURST_TOKEN", undefined);
    vi.stubEnv("XDG_STATE_HOME", join(home, "of-another-user"));
    expect(await refusal(address)).toMatch(
      /wants a key, and none was found: another user has started it \(give the token/,
    );
    expect((await connect(address, { token })).bucket).toBe("cloudburst-local");
  });

  it("TLS is on one side only", async () => {
    const plain = await start();
    expect(await refusal(plain.replace("http", "https"))).toContain(`its address is ${plain}`);
    const secured = await start(tls);
    expect(await refusal(secured.replace("https", "http"))).toContain(`its address is ${secured}`);
  });

  it("the certificate is not trusted, or was issued for others", async () => {
    const address = await start(tls);
    expect(await refusal(address)).toMatch(/certificate of the scheduler .* is not trusted: .*`security: \{ ca \}`/);
    const elsewhere = address.replace("127.0.0.1", "127.0.0.2");
    await start({ ...tls, host: "127.0.0.2", port: Number(new URL(address).port) });
    expect(await refusal(elsewhere, { ca })).toMatch(/is not trusted: .*127\.0\.0\.2/);
  });
});

describe("a scheduler with TLS", () => {
  it("is joined by whoever trusts its certificate and has its token, by name or by address", async () => {
    const { port } = new URL(await start({ ...tls, host: "0.0.0.0", token }));
    for (const host of ["localhost", "127.0.0.1"]) {
      const address = `https://${host}:${port}`;
      expect((await connect(address, { ca, token })).settings.endpoint).toBe(address);
      expect((await connect(`tls://${host}:${port}`, { ca: readFileSync(ca, "utf8") })).bucket).toBe(
        "cloudburst-local",
      );
    }
  });
});
