/** Addresses of existing clusters: a stack's, or a scheduler's. */
import { InvalidOptionError } from "../base/errors.ts";

export type ParsedAddress = StackAddress | SchedulerAddress;

/** `fargate://<stack>[?region=<region>]` */
export interface StackAddress {
  readonly kind: "stack";
  readonly stack: string;
  /** Undefined leaves it to the executor's `region` and the SDK. */
  readonly region: string | undefined;
}

/** `http://127.0.0.1:8786`, which may also be written `tcp://127.0.0.1:8786`; with TLS `https://` or `tls://`. */
export interface SchedulerAddress {
  readonly kind: "scheduler";
  /** Begins with http:// or https://, and always has a port. */
  readonly url: string;
  readonly loopback: boolean;
  readonly port: number;
}

/** Where a scheduler listens unless it is told otherwise: dask's port, by which users' addresses end. */
export const defaultPort = 8786;

const stackForms = "fargate://<stack> or fargate://<stack>?region=<region>";
const forms = `${stackForms}, or http://127.0.0.1:${String(defaultPort)} for a scheduler (https:// where it has TLS)`;

const protocols: Readonly<Record<string, "http" | "https">> = {
  "http:": "http",
  "tcp:": "http",
  "https:": "https",
  "tls:": "https",
};

/** @throws InvalidOptionError that lists the forms an address may have */
export function parseAddress(address: string): ParsedAddress {
  // As dask has it, the scheme may be left out.
  const text = /^[\w.-]+:\d+$/.test(address) ? `tcp://${address}` : address;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "fargate:") return parseStack(address, url);
  const protocol = protocols[url?.protocol ?? ""];
  if (url === undefined || protocol === undefined) throw wrong(address, `it must be ${forms}`);
  return parseScheduler(text, url, protocol);
}

/** @throws InvalidOptionError for anything that is no scheduler's address */
export function parseSchedulerAddress(address: string): SchedulerAddress {
  const parsed = parseAddress(address);
  if (parsed.kind === "scheduler") return parsed;
  throw wrong(address, `it must be a scheduler's, such as http://127.0.0.1:${String(defaultPort)}`);
}

function parseStack(address: string, url: URL): StackAddress {
  const { host: stack, pathname, hash, username, searchParams } = url;
  if (!/^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(stack) || !["", "/"].includes(pathname) || hash !== "" || username !== "") {
    throw wrong(address, `behind fargate:// must stand the name of a stack and nothing else: ${stackForms}`);
  }
  const unknown = [...searchParams.keys()].filter((name) => name !== "region");
  if (unknown.length > 0) throw wrong(address, `it knows no ${unknown.join(", ")}: ${stackForms}`);
  const region = searchParams.get("region") ?? undefined;
  if (region !== undefined && !/^[a-z]{2,}(-[a-z]+)+-\d+$/.test(region)) {
    throw wrong(address, `the region must be one like eu-west-1`);
  }
  return { kind: "stack", stack, region };
}

function parseScheduler(text: string, url: URL, protocol: "http" | "https"): SchedulerAddress {
  const { hostname, pathname, search, hash, username, password } = url;
  if (username !== "" || password !== "" || search !== "") {
    // It may hold a secret, so it is not repeated.
    throw new InvalidOptionError(
      "`address` must not hold a user, a password or a query (a token goes into `security: { token }` or CLOUDBURST_TOKEN)",
    );
  }
  if (hostname === "" || !["", "/"].includes(pathname) || hash !== "") {
    throw wrong(text, `behind ${url.protocol}// must stand a host and a port and nothing else`);
  }
  // `URL` drops a port that is its protocol's own.
  const port = Number(/:(\d+)\/?$/.exec(text)?.[1] ?? defaultPort);
  const loopback = isLoopback(hostname);
  if (!loopback && protocol === "http") {
    throw wrong(
      text,
      `a scheduler of another machine has TLS, so it must begin with https:// or tls:// (its key must not travel in the clear)`,
    );
  }
  return { kind: "scheduler", url: `${protocol}://${hostname}:${String(port)}`, loopback, port };
}

export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}

function wrong(address: string, what: string): InvalidOptionError {
  return new InvalidOptionError(`\`address\` ${JSON.stringify(address)} cannot be used: ${what}`, { address });
}
