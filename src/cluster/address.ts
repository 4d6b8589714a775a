/** Addresses of existing clusters. */
import { InvalidOptionError } from "../base/errors.ts";

/** `fargate://<stack>[?region=<region>]` */
export interface ParsedAddress {
  readonly stack: string;
  /** Undefined leaves it to the executor's `region` and the SDK. */
  readonly region: string | undefined;
}

const forms = "fargate://<stack> or fargate://<stack>?region=<region>";

/** @throws InvalidOptionError that lists the forms an address may have */
export function parseAddress(address: string): ParsedAddress {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== "fargate:") throw wrong(address, `it must be ${forms}`);
  const { host: stack, pathname, hash, username, searchParams } = url;
  if (!/^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(stack) || !["", "/"].includes(pathname) || hash !== "" || username !== "") {
    throw wrong(address, `behind fargate:// must stand the name of a stack and nothing else: ${forms}`);
  }
  const unknown = [...searchParams.keys()].filter((name) => name !== "region");
  if (unknown.length > 0) throw wrong(address, `it knows no ${unknown.join(", ")}: ${forms}`);
  const region = searchParams.get("region") ?? undefined;
  if (region !== undefined && !/^[a-z]{2,}(-[a-z]+)+-\d+$/.test(region)) {
    throw wrong(address, `the region must be one like eu-west-1`);
  }
  return { stack, region };
}

function wrong(address: string, what: string): InvalidOptionError {
  return new InvalidOptionError(`\`address\` ${JSON.stringify(address)} cannot be used: ${what}`, { address });
}
