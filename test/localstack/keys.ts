/** Keys of LocalStack's KMS, by plain requests: nothing else here needs a client of that service. */
import { credentials, region, requireLocalstack } from "./cloud.ts";

export interface Key {
  readonly id: string;
  readonly arn: string;
}

export async function createKey(): Promise<Key> {
  const scope = `${credentials.accessKeyId}/20260101/${region}/kms/aws4_request`; // it looks at no signature
  const reply = await fetch(requireLocalstack(), {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "TrentService.CreateKey",
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
    },
    body: "{}",
  });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`kms:CreateKey: ${text}`);
  const { KeyMetadata } = JSON.parse(text) as { KeyMetadata: { KeyId: string; Arn: string } };
  return { id: KeyMetadata.KeyId, arn: KeyMetadata.Arn };
}
