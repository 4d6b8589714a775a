import { AwsError, errorResponse, notImplemented } from "./aws-error.ts";
import type { Service, ServiceRequest, ServiceResponse } from "./service.ts";

/** Answers one operation with the XML inside its `…Result` element; it throws an `AwsError` to refuse. */
export type QueryOperation = (input: URLSearchParams) => string;

export interface AwsQueryServiceOptions {
  readonly name: string;
  /** XML namespace of the answers. */
  readonly namespace: string;
  readonly operations: Readonly<Record<string, QueryOperation>>;
}

/** A service that speaks AWS's Query protocol: one `POST /` with a form, of which `Action` names the operation; XML back. */
export function createAwsQueryService(options: AwsQueryServiceOptions): Service {
  const operations = new Map(Object.entries(options.operations));

  function run(operation: string, request: ServiceRequest): ServiceResponse {
    const perform = operations.get(operation);
    if (perform === undefined) throw notImplemented(options.name, operation);
    const result = perform(readForm(request));
    return {
      status: 200,
      headers: { "content-type": "text/xml" },
      body: `<${operation}Response xmlns="${options.namespace}"><${operation}Result>${result}</${operation}Result></${operation}Response>`,
    };
  }

  return {
    name: options.name,
    operationOf: (request) => readForm(request).get("Action") ?? undefined,
    handle: (operation, request) => {
      try {
        return Promise.resolve(run(operation, request));
      } catch (error) {
        if (error instanceof AwsError) return Promise.resolve(errorResponse(options.name, error));
        throw error;
      }
    },
    close: () => Promise.resolve(),
  };
}

function readForm(request: ServiceRequest): URLSearchParams {
  return new URLSearchParams(request.body.toString("utf8"));
}

/** Text as XML has it. */
export function xmlText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
