import { AwsError, errorResponse, notImplemented } from "./aws-error.ts";
import { isObject } from "./json-input.ts";
import type { JsonObject } from "./json-input.ts";
import type { Service, ServiceRequest, ServiceResponse } from "./service.ts";

/** One operation of a JSON service; it throws an `AwsError` to refuse. */
export type AwsOperation = (input: JsonObject, request: ServiceRequest) => object | Promise<object>;

export interface AwsJsonServiceOptions {
  readonly name: string;
  /** What `x-amz-target` has before the operation: `AmazonSQS`. */
  readonly target: string;
  readonly version: "1.0" | "1.1";
  readonly operations: Readonly<Record<string, AwsOperation>>;
  close(): Promise<void>;
}

/** A service that speaks AWS's JSON protocol: one `POST /`, the operation in a header, JSON both ways. */
export function createAwsJsonService(options: AwsJsonServiceOptions): Service {
  const prefix = `${options.target}.`;
  const operations = new Map(Object.entries(options.operations));
  const headers = { "content-type": `application/x-amz-json-${options.version}` };

  async function run(operation: string, request: ServiceRequest): Promise<ServiceResponse> {
    const perform = operations.get(operation);
    if (perform === undefined) throw notImplemented(options.name, operation);
    const output = await perform(parseInput(request.body), request);
    return { status: 200, headers, body: JSON.stringify(output) };
  }

  return {
    name: options.name,
    operationOf: (request) => {
      const target = request.headers["x-amz-target"];
      return typeof target === "string" && target.startsWith(prefix) ? target.slice(prefix.length) : undefined;
    },
    handle: async (operation, request) => {
      try {
        return await run(operation, request);
      } catch (error) {
        if (error instanceof AwsError) return errorResponse(options.name, error);
        throw error;
      }
    },
    close: () => options.close(),
  };
}

function parseInput(body: Buffer): JsonObject {
  if (body.length === 0) return {};
  let input: unknown;
  try {
    input = JSON.parse(body.toString("utf8"));
  } catch (error) {
    throw serializationError(`the request body is not JSON: ${String(error)}`);
  }
  if (!isObject(input)) throw serializationError("the request body is not a JSON object");
  return input;
}

function serializationError(message: string): AwsError {
  return new AwsError("SerializationException", message, { modelled: false });
}
