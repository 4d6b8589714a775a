import { expect, it } from "vitest";
import { clientConfig, openS3Client } from "../../src/aws/clients.ts";
import { createRequestCounter } from "../../src/aws/request-counter.ts";

const longestPollMs = 20_000;
/** Leases of 120 s are renewed every 40 s: a renewal that hangs must leave time for another one. */
const renewalMs = 40_000;

it("connections that have gone silent are given up, and long polls are not", async () => {
  const { requestHandler } = clientConfig({}, "sqs");
  const nobodyThere = { protocol: "http:", hostname: "127.0.0.1", port: 1, path: "/", method: "GET", headers: {} };
  await requestHandler.handle(nobodyThere as never).catch(() => undefined); // reads its configuration
  const { connectionTimeout, socketTimeout } = requestHandler.httpHandlerConfigs();
  requestHandler.destroy();
  expect(socketTimeout).toBeGreaterThan(longestPollMs);
  expect(socketTimeout).toBeLessThan(renewalMs);
  expect(connectionTimeout).toBeLessThan(renewalMs);
});

it("S3 is asked more often than the SDK would: a new bucket says that it is busy while a burst ramps up", async () => {
  const attempts = async (endpoint?: string): Promise<number> => {
    const client = openS3Client({ region: "us-east-1", endpoint }, createRequestCounter());
    client.destroy();
    return await client.config.maxAttempts();
  };
  expect(await attempts()).toBe(8);
  expect(await attempts("http://127.0.0.1:1")).toBe(3);
});
