/**
 * What AWS asks: tables of data. On-demand list prices, without free tier, savings plans and taxes. A region is here when
 * all of its prices were read in one of the sources named; of any other a user may give them.
 */

export interface PriceTable {
  /** Day on which the prices were read. */
  readonly asOf: string;
  readonly region: string;
  readonly source: string;
  /** What is to be said beside a figure that was reckoned with it: that the run's region has other prices. */
  readonly remark?: string | undefined;
  readonly fargate: {
    /** US dollars an hour. */
    readonly x86: WorkerPrices;
    readonly arm64: WorkerPrices;
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

export interface WorkerPrices {
  readonly vcpuHour: number;
  readonly gbHour: number;
}

/** Prices that take the place of the table's; what is left out stays the table's. US dollars. */
export interface PriceOptions {
  /** Whose table the rest is taken from. @default the run's region */
  readonly region?: string | undefined;
  readonly fargate?:
    | {
        readonly x86?: WorkerPrices | undefined;
        readonly arm64?: WorkerPrices | undefined;
        /** Share of the price that Spot takes off, 0 to 1. */
        readonly spotDiscount?: number | undefined;
      }
    | undefined;
  readonly publicIpv4Hour?: number | undefined;
  readonly sqsRequest?: number | undefined;
  readonly s3?:
    { readonly putCopyPostList?: number | undefined; readonly getAndOther?: number | undefined } | undefined;
}

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

/** A public address costs the same in every region (AWS News Blog, 2023-07-28); SQS does in every region that was looked up. */
const tables: readonly PriceTable[] = [
  US_EAST_1_PRICES,
  {
    ...US_EAST_1_PRICES,
    region: "eu-west-1",
    source: "AWS Price List: Fargate, SQS and S3 ask what they ask in us-east-1",
  },
  {
    ...US_EAST_1_PRICES,
    asOf: "2026-10-09",
    region: "eu-central-1",
    source: "AWS Price List: AmazonECS, AmazonS3; SQS as in us-east-1",
    fargate: {
      ...US_EAST_1_PRICES.fargate,
      x86: { vcpuHour: 0.04656, gbHour: 0.00511 },
      arm64: { vcpuHour: 0.03725, gbHour: 0.00409 },
    },
    s3: { putCopyPostList: 0.0054 / 1000, getAndOther: 0.00043 / 1000, delete: 0 },
  },
  {
    ...US_EAST_1_PRICES,
    asOf: "2026-09-06",
    region: "ap-northeast-1",
    source: "AWS Price List: AmazonECS, AmazonS3; SQS as in us-east-1",
    fargate: {
      ...US_EAST_1_PRICES.fargate,
      x86: { vcpuHour: 0.05056, gbHour: 0.00553 },
      arm64: { vcpuHour: 0.04045, gbHour: 0.00442 },
    },
    s3: { putCopyPostList: 0.0047 / 1000, getAndOther: 0.00037 / 1000, delete: 0 },
  },
];

/** Regions whose prices are in the table. */
export const PRICED_REGIONS: readonly string[] = tables.map(({ region }) => region);

/**
 * What a run in a region is reckoned with: what is given, else the region's list prices. Of a region that is not in the
 * table, and where nobody knows the region, those of us-east-1 stand in, which `remark` says.
 */
export function pricesIn(region: string | undefined, given: PriceOptions = {}): PriceTable {
  const { region: named, fargate, s3, ...rest } = given;
  const wanted = named ?? region;
  const table = tables.find((each) => each.region === wanted);
  const base = table ?? US_EAST_1_PRICES;
  const changed = Object.keys({ ...stated(rest), ...stated({ fargate, s3 }) }).length > 0;
  return {
    ...base,
    ...stated(rest),
    fargate: { ...base.fargate, ...stated(fargate ?? {}) },
    s3: { ...base.s3, ...stated(s3 ?? {}) },
    remark: remarkOn(wanted, table !== undefined, changed),
  };
}

function remarkOn(region: string | undefined, known: boolean, changed: boolean): string | undefined {
  if (known) return changed ? "changed by `prices`" : undefined;
  if (changed) return `for what \`prices\` leaves out${region === undefined ? "" : ` of ${region}`}`;
  return region === undefined ? undefined : `since those of ${region} are not in the table: give them as \`prices\``;
}

/** What a worker costs for an hour. */
export function hourlyUsd(
  worker: {
    readonly vcpu: number;
    readonly memoryGb: number;
    readonly architecture: "x86" | "arm64";
    readonly publicIpv4: boolean;
  },
  spot: boolean,
  { fargate, publicIpv4Hour }: PriceTable,
): number {
  const { vcpuHour, gbHour } = fargate[worker.architecture];
  const compute = (worker.vcpu * vcpuHour + worker.memoryGb * gbHour) * (spot ? 1 - fargate.spotDiscount : 1);
  return compute + (worker.publicIpv4 ? publicIpv4Hour : 0);
}

function stated<T extends object>(options: T): Partial<{ [K in keyof T]: Exclude<T[K], undefined> }> {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<{ [K in keyof T]: Exclude<T[K], undefined> }>;
}
