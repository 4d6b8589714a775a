import type { ServiceResponse } from "./service.ts";

/** What an error carries besides its name and message. */
export interface AwsErrorDetails {
  /** @default 400 */
  readonly status?: number;
  /** The name that the older Query protocol used; SQS repeats it in a header. @default the code */
  readonly legacyCode?: string;
  /** Whether the name is in the service's own model, not one that all services share. @default true */
  readonly modelled?: boolean;
  /** Further members of the reply, such as `resourceIds` of a `ConflictException`. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** An error reply of an AWS service: thrown by an operation, sent to the client in its service's shape. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  readonly legacyCode: string;
  readonly modelled: boolean;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, details: AwsErrorDetails = {}) {
    super(message);
    this.name = "AwsError";
    this.code = code;
    this.status = details.status ?? 400;
    this.legacyCode = details.legacyCode ?? code;
    this.modelled = details.modelled ?? true;
    this.members = details.members ?? {};
  }

  /** AWS calls 4xx the sender's fault and 5xx its own. */
  get senderFault(): boolean {
    return this.status < 500;
  }
}

/** The refusal of everything that Cloudburst does not call. */
export function notImplemented(service: string, what: string): AwsError {
  return new AwsError(
    "NotImplemented",
    `the embedded cloud does not implement ${what} of ${service}: it supports only what Cloudburst calls`,
    { status: 501, modelled: false },
  );
}

/** The error in the shape in which the service's SDK client expects it. */
export function errorResponse(service: string, error: AwsError): ServiceResponse {
  if (service === "cloudformation" || service === "sts") return queryErrorResponse(error);
  if (service === "s3") {
    return { status: error.status, headers: { "content-type": "application/xml" }, body: xmlBody(error) };
  }
  return service === "sqs" ? sqsErrorResponse(error) : ecsErrorResponse(error);
}

function sqsErrorResponse(error: AwsError): ServiceResponse {
  // Names outside SQS's model come from AWS's common framework and carry its suffix.
  const type = error.modelled ? `com.amazonaws.sqs#${error.code}` : `com.amazon.coral.service#${error.code}Exception`;
  return {
    status: error.status,
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amzn-query-error": `${error.legacyCode};${error.senderFault ? "Sender" : "Receiver"}`,
    },
    body: JSON.stringify({ __type: type, message: error.message, ...error.members }),
  };
}

function ecsErrorResponse(error: AwsError): ServiceResponse {
  return {
    status: error.status,
    headers: { "content-type": "application/x-amz-json-1.1" },
    body: JSON.stringify({ __type: error.code, message: error.message, ...error.members }),
  };
}

/** As the Query protocol has it. */
function queryErrorResponse(error: AwsError): ServiceResponse {
  const type = error.senderFault ? "Sender" : "Receiver";
  const detail = `<Type>${type}</Type><Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message>`;
  return {
    status: error.status,
    headers: { "content-type": "text/xml" },
    body: `<ErrorResponse><Error>${detail}</Error></ErrorResponse>`,
  };
}

function xmlBody(error: AwsError): string {
  const message = escapeXml(error.message);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${error.code}</Code><Message>${message}</Message></Error>`;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
