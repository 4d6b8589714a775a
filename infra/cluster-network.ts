/** Where workers live: subnets with a way out, and no way in. */
import {
  GatewayVpcEndpointAwsService,
  type ISecurityGroup,
  type ISubnet,
  type IVpc,
  SecurityGroup,
  SubnetType,
  Vpc,
} from "aws-cdk-lib/aws-ec2";
import { Annotations, Validations } from "aws-cdk-lib";
import { Construct } from "constructs";

/** A network that exists already. Its subnets need a route to ECR, SQS, S3 and CloudWatch Logs. */
export interface ExistingNetwork {
  readonly vpc: IVpc;
  readonly subnets: readonly ISubnet[];
}

export interface ClusterNetworkProps {
  /** @default a VPC of its own, with two public subnets, an S3 gateway endpoint and no NAT gateway */
  readonly existing?: ExistingNetwork | undefined;
}

/** /20 holds 4,091 workers in each subnet; each worker takes one address for as long as ECS needs to let it go. */
const subnetMask = 20;

export class ClusterNetwork extends Construct {
  readonly vpc: IVpc;
  readonly subnets: readonly ISubnet[];
  /** Made here: its subnets have a route to the internet. */
  readonly isOwn: boolean;
  readonly securityGroup: ISecurityGroup;

  constructor(scope: Construct, id: string, props: ClusterNetworkProps = {}) {
    super(scope, id);
    const { vpc, subnets } = props.existing ?? createNetwork(this);
    this.vpc = vpc;
    this.subnets = subnets;
    this.isOwn = props.existing === undefined;
    this.securityGroup = new SecurityGroup(this, "Workers", {
      vpc,
      description: "Cloudburst workers: they call out, nothing calls them",
      allowAllOutbound: true,
    });
  }
}

function createNetwork(scope: Construct): ExistingNetwork {
  const vpc = new Vpc(scope, "Vpc", {
    natGateways: 0, // a public address costs a ninth of a NAT gateway for an hour, and nothing when no worker runs
    maxAzs: 2, // as many as CDK knows of a stack that names no region
    // Emptying the default security group would take a Lambda function; nothing in this VPC uses that group.
    restrictDefaultSecurityGroup: false,
    subnetConfiguration: [
      { name: "Workers", subnetType: SubnetType.PUBLIC, cidrMask: subnetMask, mapPublicIpOnLaunch: false },
    ],
  });
  // Free, and keeps inputs and packs off the public path.
  vpc.addGatewayEndpoint("S3", { service: GatewayVpcEndpointAwsService.S3 });
  Validations.of(vpc).acknowledge({
    id: "AwsSolutions-VPC7",
    reason: "Flow logs bill by the gigabyte of a burst. Workers accept no connection; turn flow logs on for audits.",
  });
  // CDK's own types disagree about an absent `vpnGatewayId` where optional means absent.
  return { vpc: vpc as IVpc, subnets: vpc.publicSubnets };
}

/** Looks nothing up, so that a stack can be made without credentials. */
export function importNetwork(scope: Construct, vpcId: string, subnetIds: readonly string[]): ExistingNetwork {
  const vpc = Vpc.fromVpcAttributes(scope, "ExistingVpc", {
    vpcId,
    publicSubnetIds: [...subnetIds],
    availabilityZones: subnetIds.map(() => "unknown"), // asked for by CDK, used by nothing here
  });
  for (const subnet of vpc.publicSubnets) {
    Annotations.of(subnet).acknowledgeWarning("@aws-cdk/aws-ec2:noSubnetRouteTableId", "no route is added to it");
  }
  return { vpc, subnets: vpc.publicSubnets };
}
