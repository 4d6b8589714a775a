/** A letter when the month's bill for what bursts use comes near a limit. It stops nothing: AWS bills hours late. */
import { CfnBudget } from "aws-cdk-lib/aws-budgets";
import { Construct } from "constructs";

export interface SpendingAlarmProps {
  readonly monthlyUsd: number;
  readonly email: string;
}

/**
 * By service and not by tag: a cost allocation tag counts only after somebody has activated it in the payer's account, and
 * until then a budget on it sees nothing. Other uses of these services in the account are counted in.
 */
const services = [
  "Amazon Elastic Container Service",
  "Amazon Simple Queue Service",
  "Amazon Simple Storage Service",
  "Amazon Virtual Private Cloud", // public IPv4 addresses
];

export class SpendingAlarm extends Construct {
  constructor(scope: Construct, id: string, { monthlyUsd, email }: SpendingAlarmProps) {
    super(scope, id);
    const subscribers = [{ subscriptionType: "EMAIL", address: email }];
    const above = (notificationType: "ACTUAL" | "FORECASTED", threshold: number) => ({
      notification: { notificationType, comparisonOperator: "GREATER_THAN", threshold, thresholdType: "PERCENTAGE" },
      subscribers,
    });
    new CfnBudget(this, "Budget", {
      budget: {
        budgetType: "COST",
        timeUnit: "MONTHLY",
        budgetLimit: { amount: monthlyUsd, unit: "USD" },
        costFilters: { Service: services },
      },
      notificationsWithSubscribers: [above("ACTUAL", 80), above("FORECASTED", 100)],
    });
  }
}
