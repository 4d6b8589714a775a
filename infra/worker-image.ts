/** Which image workers run: one built from `worker-image/`, or one that exists. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { IgnoreMode, Stack } from "aws-cdk-lib";
import { DockerImageAsset, Platform } from "aws-cdk-lib/aws-ecr-assets";
import { ContainerImage, CpuArchitecture } from "aws-cdk-lib/aws-ecs";
import { Construct } from "constructs";
import { InvalidOptionError } from "../src/base/errors.ts";

export type Architecture = "ARM64" | "X86_64";

export interface WorkerImageProps {
  readonly architecture: Architecture;
  /** URI of an image that exists. @default it is built from `worker-image/Dockerfile` when the stack is deployed */
  readonly uri?: string | undefined;
  /** What the built image starts from. @default the Dockerfile's own */
  readonly baseImage?: string | undefined;
  /** Holds `worker-image/Dockerfile` and `dist/worker.mjs`. @default this package */
  readonly directory?: string | undefined;
}

const dockerfile = "worker-image/Dockerfile";
const workerFile = "dist/worker.mjs";
const platforms = { ARM64: Platform.LINUX_ARM64, X86_64: Platform.LINUX_AMD64 } as const;
const cpuArchitectures = { ARM64: CpuArchitecture.ARM64, X86_64: CpuArchitecture.X86_64 } as const;

export class WorkerImage extends Construct {
  readonly uri: string;
  readonly containerImage: ContainerImage;
  readonly cpuArchitecture: CpuArchitecture;
  /** The ECR repository it is pulled from; none when that is another registry, which needs no permission. */
  readonly repositoryArns: readonly string[];

  constructor(scope: Construct, id: string, props: WorkerImageProps) {
    super(scope, id);
    this.cpuArchitecture = cpuArchitectures[props.architecture];
    if (props.uri === undefined) {
      const asset = createAsset(this, props);
      this.uri = asset.imageUri;
      this.containerImage = ContainerImage.fromDockerImageAsset(asset);
      this.repositoryArns = [asset.repository.repositoryArn];
    } else {
      this.uri = props.uri;
      this.containerImage = ContainerImage.fromRegistry(props.uri);
      this.repositoryArns = ecrRepositoryArns(this, props.uri);
    }
  }
}

function createAsset(scope: Construct, props: WorkerImageProps): DockerImageAsset {
  const directory = props.directory ?? packageRoot();
  if (!existsSync(join(directory, workerFile))) {
    throw new InvalidOptionError(
      `${workerFile} does not exist in ${directory}, so the worker's image cannot be built ` +
        "(run `npm run build:worker`, or name an image that exists with `-c image=<uri>`)",
    );
  }
  return new DockerImageAsset(scope, "Asset", {
    directory,
    file: dockerfile,
    platform: platforms[props.architecture],
    // The rest of the directory neither travels nor changes the image's name.
    exclude: ["*", "!worker-image", "!dist", "dist/*", `!${workerFile}`],
    ignoreMode: IgnoreMode.DOCKER,
    ...(props.baseImage !== undefined && { buildArgs: { BASE_IMAGE: props.baseImage } }),
  });
}

/** The nearest folder above this file that has the Dockerfile: the same in a checkout and in an installed package. */
function packageRoot(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let at = start; at !== dirname(at); at = dirname(at)) if (existsSync(join(at, dockerfile))) return at;
  throw new InvalidOptionError(
    `${dockerfile} was not found above ${start} (name an image that exists with \`-c image=<uri>\`)`,
  );
}

/** `<account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>` or `@<digest>`. */
const ecrUri = /^(?<account>\d{12})\.dkr\.ecr\.(?<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?\/(?<name>[a-z0-9._/-]+)/;

function ecrRepositoryArns(scope: Construct, uri: string): string[] {
  const groups = ecrUri.exec(uri)?.groups;
  if (groups === undefined) return [];
  const { account = "", region = "", name = "" } = groups;
  return [Stack.of(scope).formatArn({ service: "ecr", account, region, resource: "repository", resourceName: name })];
}
