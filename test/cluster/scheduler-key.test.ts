import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseSchedulerAddress } from "../../src/cluster/address.ts";
import { findKey, publishKey, tokenCredentials } from "../../src/cluster/scheduler-key.ts";

const credentials = { accessKeyId: "KEY", secretAccessKey: "SECRET" };
const other = { accessKeyId: "OTHER", secretAccessKey: "SECRET" };
const token = "correct-horse-battery-staple";
const address = parseSchedulerAddress("http://127.0.0.1:8786");

let home: string;
let env: NodeJS.ProcessEnv;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "cloudburst-state-"));
  env = { XDG_STATE_HOME: home };
});
afterEach(() => rmSync(home, { recursive: true }));

const directory = (): string => join(home, "cloudburst");
const file = (): string => join(directory(), readdirSync(directory())[0] ?? "");
const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe("the key that a scheduler leaves", () => {
  it("can be read by its user alone, under the address's port", async () => {
    await publishKey(8786, credentials, env);
    expect([modeOf(directory()), modeOf(file())]).toEqual([0o700, 0o600]);
    expect(await findKey(address, undefined, env)).toEqual({ credentials, source: `the key in ${file()}` });
    expect(await findKey(parseSchedulerAddress("http://127.0.0.1:8787"), undefined, env)).toBeUndefined();
  });

  it("takes the place of an older one, also of one that others could read", async () => {
    await publishKey(8786, other, env);
    chmodSync(file(), 0o644);
    await publishKey(8786, credentials, env);
    expect(modeOf(file())).toBe(0o600);
    expect((await findKey(address, undefined, env))?.credentials).toEqual(credentials);
  });

  it("goes with the scheduler, unless another one has left its own meanwhile", async () => {
    const first = await publishKey(8786, credentials, env);
    const second = await publishKey(8786, other, env);
    await first[Symbol.asyncDispose]();
    expect((await findKey(address, undefined, env))?.credentials).toEqual(other);
    await second[Symbol.asyncDispose]();
    expect(await findKey(address, undefined, env)).toBeUndefined();
  });

  it("is not believed when others may read or write it, or when it is none (K2)", async () => {
    await publishKey(8786, credentials, env);
    chmodSync(file(), 0o640);
    await expect(findKey(address, undefined, env)).rejects.toMatchObject({
      code: "key_unsafe",
      message: expect.stringContaining("others may read or write it") as unknown,
    });
    writeFileSync(file(), "{}");
    chmodSync(file(), 0o600);
    await expect(findKey(address, undefined, env)).rejects.toMatchObject({ code: "key_unsafe" });
  });

  it("is for this machine's schedulers only", async () => {
    await publishKey(8786, credentials, env);
    expect(await findKey(parseSchedulerAddress("https://10.0.0.41:8786"), undefined, env)).toBeUndefined();
  });
});

describe("a token", () => {
  it("makes the same key on both sides, which does not hold it", () => {
    const made = tokenCredentials(token);
    expect(made).toEqual(tokenCredentials(token));
    expect(made).not.toEqual(tokenCredentials(`${token}.`));
    expect(JSON.stringify(made)).not.toContain(token);
  });

  it("that is given goes before the environment's, and that before the file", async () => {
    await publishKey(8786, credentials, env);
    const both = { ...env, CLOUDBURST_TOKEN: "tr0ub4dor-and-3-more" };
    expect(await findKey(address, token, both)).toMatchObject({ source: "the token" });
    expect(await findKey(address, undefined, both)).toMatchObject({ source: "the token in CLOUDBURST_TOKEN" });
    await expect(findKey(address, undefined, { CLOUDBURST_TOKEN: "short" })).rejects.toThrow(
      /^CLOUDBURST_TOKEN must be/,
    );
  });
});
