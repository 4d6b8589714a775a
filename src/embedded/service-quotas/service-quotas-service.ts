import { AwsError } from "../aws-error.ts";
import { createAwsJsonService } from "../aws-json.ts";
import { readText } from "../json-input.ts";
import type { Service } from "../service.ts";

export interface ServiceQuotasOptions {
  readonly region: string;
  readonly accountId: string;
  /** By service code and quota code: `fargate/L-3032A538`. */
  readonly quotas: Readonly<Record<string, number>>;
}

/** Service Quotas as far as drivers ask it: what one quota is. */
export function createServiceQuotasService({ region, accountId, quotas }: ServiceQuotasOptions): Service {
  const values = new Map(Object.entries(quotas));
  return createAwsJsonService({
    name: "servicequotas",
    target: "ServiceQuotasV20190624",
    version: "1.1",
    operations: {
      GetServiceQuota: (input) => {
        const ServiceCode = readText(input, "ServiceCode") ?? "";
        const QuotaCode = readText(input, "QuotaCode") ?? "";
        const Value = values.get(`${ServiceCode}/${QuotaCode}`);
        if (Value === undefined) {
          throw new AwsError(
            "NoSuchResourceException",
            "The request failed because the specified quota does not exist.",
          );
        }
        const QuotaArn = `arn:aws:servicequotas:${region}:${accountId}:${ServiceCode}/${QuotaCode}`;
        return {
          Quota: { ServiceCode, QuotaCode, QuotaArn, Value, Unit: "None", Adjustable: true, GlobalQuota: false },
        };
      },
    },
    close: () => Promise.resolve(),
  });
}
