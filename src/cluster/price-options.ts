/** Checks prices that a user gives. */
import * as z from "zod";

const usd = z.number({ error: "must be US dollars, 0 or more" }).min(0, { error: "must be US dollars, 0 or more" });
const share = z
  .number({ error: "must be a share from 0 to 1" })
  .min(0, { error: "must be a share from 0 to 1" })
  .max(1, { error: "must be a share from 0 to 1" });
const worker = z.strictObject({ vcpuHour: usd, gbHour: usd });

export const priceOptions = z.strictObject({
  region: z.string().min(1, { error: "must be a region like eu-west-1" }).optional(),
  fargate: z
    .strictObject({ x86: worker.optional(), arm64: worker.optional(), spotDiscount: share.optional() })
    .optional(),
  publicIpv4Hour: usd.optional(),
  sqsRequest: usd.optional(),
  s3: z.strictObject({ putCopyPostList: usd.optional(), getAndOther: usd.optional() }).optional(),
});
