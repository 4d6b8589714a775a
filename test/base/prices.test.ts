import { describe, expect, it } from "vitest";
import { hourlyUsd, PRICED_REGIONS, pricesIn, US_EAST_1_PRICES } from "../../src/base/prices.ts";

const arm = { vcpu: 1, memoryGb: 2, architecture: "arm64", publicIpv4: true } as const;

describe("the prices of a run", () => {
  it("are its region's, where they are in the table", () => {
    expect(pricesIn("eu-central-1")).toMatchObject({ region: "eu-central-1", remark: undefined });
    expect(pricesIn("eu-central-1").fargate.x86).toEqual({ vcpuHour: 0.04656, gbHour: 0.00511 });
    expect(pricesIn("ap-northeast-1").s3.putCopyPostList).toBeCloseTo(0.0000047, 10);
    expect(pricesIn("eu-west-1").fargate).toEqual(US_EAST_1_PRICES.fargate);
  });

  it("are those of us-east-1 where they are not, which is said and what to do about it", () => {
    expect(pricesIn("sa-east-1")).toMatchObject({
      region: "us-east-1",
      remark: "since those of sa-east-1 are not in the table: give them as `prices`",
    });
    expect(pricesIn(undefined)).toMatchObject({ region: "us-east-1", remark: undefined });
  });

  it("are what is given, and the region's for the rest", () => {
    const own = pricesIn("eu-central-1", { fargate: { spotDiscount: 0.5 }, sqsRequest: 0.000001 });
    expect(own).toMatchObject({ region: "eu-central-1", remark: "changed by `prices`", sqsRequest: 0.000001 });
    expect(own.fargate).toEqual({ ...pricesIn("eu-central-1").fargate, spotDiscount: 0.5 });
    expect(pricesIn("eu-central-1", { fargate: { x86: undefined }, s3: undefined }).fargate.x86.vcpuHour).toBe(0.04656);
  });

  it("are of the region that is named with them, whatever the run's", () => {
    expect(pricesIn("us-east-1", { region: "ap-northeast-1" })).toMatchObject({
      region: "ap-northeast-1",
      remark: undefined,
    });
    expect(pricesIn("sa-east-1", { publicIpv4Hour: 0 }).remark).toBe("for what `prices` leaves out of sa-east-1");
  });
});

describe("the table", () => {
  it("has ARM a fifth below x86 in every region, which a slip of the pen would not", () => {
    for (const region of PRICED_REGIONS) {
      const { x86, arm64 } = pricesIn(region).fargate;
      expect(arm64.vcpuHour / x86.vcpuHour, region).toBeCloseTo(0.8, 2);
      expect(arm64.gbHour / x86.gbHour, region).toBeCloseTo(0.8, 2);
      expect(x86.gbHour / x86.vcpuHour, region).toBeCloseTo(0.11, 2);
    }
  });
});

describe("an hour of a worker", () => {
  it("costs its vCPUs, its memory and its address, of which Spot takes nothing off", () => {
    expect(hourlyUsd(arm, false, US_EAST_1_PRICES)).toBeCloseTo(0.03238 + 2 * 0.00356 + 0.005, 10);
    expect(hourlyUsd(arm, true, US_EAST_1_PRICES)).toBeCloseTo(0.35 * (0.03238 + 2 * 0.00356) + 0.005, 10);
    expect(hourlyUsd({ ...arm, publicIpv4: false }, false, pricesIn("eu-central-1"))).toBeCloseTo(0.04543, 10);
  });
});
