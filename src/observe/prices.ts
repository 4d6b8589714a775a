/** What AWS asks: a table of data, so that another region or another day is another table. */

export interface PriceTable {
  /** Day on which the prices were read. */
  readonly asOf: string;
  readonly region: string;
  readonly source: string;
  readonly fargate: {
    /** US dollars an hour. */
    readonly x86: { readonly vcpuHour: number; readonly gbHour: number };
    readonly arm64: { readonly vcpuHour: number; readonly gbHour: number };
    /** A task is billed by the second, for this long at least. */
    readonly minimumSeconds: number;
    /** Share of the price that Spot usually takes off. It moves with the market. */
    readonly spotDiscount: number;
  };
  /** US dollars for each hour of a public address. */
  readonly publicIpv4Hour: number;
  /** US dollars for each request of up to 64 KiB to a standard queue, in the first tier. */
  readonly sqsRequest: number;
  /** US dollars for each request. */
  readonly s3: { readonly putCopyPostList: number; readonly getAndOther: number; readonly delete: number };
}

/** On-demand list prices, without free tier, savings plans and taxes. */
export const US_EAST_1_PRICES: PriceTable = {
  asOf: "2026-08-16",
  region: "us-east-1",
  source: "AWS Price List: AmazonECS, AmazonVPC, AWSQueueService, AmazonS3",
  fargate: {
    x86: { vcpuHour: 0.04048, gbHour: 0.004445 },
    arm64: { vcpuHour: 0.03238, gbHour: 0.00356 },
    minimumSeconds: 60,
    spotDiscount: 0.65,
  },
  publicIpv4Hour: 0.005,
  sqsRequest: 0.4 / 1_000_000,
  s3: { putCopyPostList: 0.005 / 1000, getAndOther: 0.0004 / 1000, delete: 0 },
};
