/** What workers write: objects and logs. Both end by themselves, and go with the stack. */
import { Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { BlockPublicAccess, Bucket, BucketEncryption, type BucketProps, ObjectOwnership } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";

export interface ClusterStorageProps {
  /** Days until a run's inputs, packs and lease are deleted. A run cannot be resumed after that. @default 7 */
  readonly runDays?: number | undefined;
  /** Days until a flow's bundle is deleted, counted from its last upload. @default 30 */
  readonly codeDays?: number | undefined;
  /** Encrypts the bucket. @default S3's own key */
  readonly encryptionKey?: IKey | undefined;
  /** @default 7 days */
  readonly logRetention?: RetentionDays | undefined;
}

/** Parts of uploads that nobody completes are stored, and paid, until they are taken away. */
const multipartDays = 1;

export class ClusterStorage extends Construct {
  readonly bucket: Bucket;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: ClusterStorageProps = {}) {
    super(scope, id);
    this.bucket = new Bucket(this, "Bucket", {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      ...encryptionBy(props.encryptionKey),
      enforceSSL: true,
      lifecycleRules: [
        { id: "runs", prefix: "runs/", expiration: Duration.days(props.runDays ?? 7) },
        { id: "code", prefix: "code/", expiration: Duration.days(props.codeDays ?? 30) },
        { id: "multipart-leftovers", abortIncompleteMultipartUploadAfter: Duration.days(multipartDays) },
      ],
      // CloudFormation deletes empty buckets only. Emptying it from here would take a Lambda function: `cloudburst
      // destroy` empties it first.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.logGroup = new LogGroup(this, "Logs", {
      retention: props.logRetention ?? RetentionDays.ONE_WEEK,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(this.bucket).acknowledge({
      id: "AwsSolutions-S1",
      reason: "Access logs would need a second bucket that outlives this one; its objects live for days.",
    });
  }
}

function encryptionBy(
  encryptionKey: IKey | undefined,
): Pick<BucketProps, "encryption" | "encryptionKey" | "bucketKeyEnabled"> {
  if (encryptionKey === undefined) return { encryption: BucketEncryption.S3_MANAGED };
  // The bucket's own data key stands in for most requests to KMS, which are billed and limited.
  return { encryption: BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true };
}
