/** The SDK's advice to upgrade Node for the sake of AWS is of no use to somebody who does not talk to AWS. */
export function silenceAwsAdvice(): void {
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
}
