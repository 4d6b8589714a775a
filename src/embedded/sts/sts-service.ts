import { createAwsQueryService } from "../aws-query.ts";
import { callerArn } from "../failures.ts";
import type { Service } from "../service.ts";

/** STS as far as drivers ask it: who they are. */
export function createStsService(accountId: string): Service {
  return createAwsQueryService({
    name: "sts",
    namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
    operations: {
      GetCallerIdentity: () =>
        `<Arn>${callerArn}</Arn><UserId>AROAEMBEDDED:session</UserId><Account>${accountId}</Account>`,
    },
  });
}
