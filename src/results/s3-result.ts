import { openS3Client, type AwsSettings } from "../aws/clients.ts";
import { createRequestCounter, type RequestCounts } from "../aws/request-counter.ts";
import { InvalidOptionError } from "../base/errors.ts";
import { createS3Store } from "../store/s3-store.ts";
import type { Store } from "../store/store.ts";
import { codecOf, type ResultCodec, type ResultFormat } from "./result-format.ts";
import type { ResultStore } from "./result-store.ts";

export interface S3ResultOptions {
  readonly bucket: string;
  /** What every key begins with, such as `results/`. @default "" */
  readonly prefix?: string | undefined;
  /** @default "values" */
  readonly format?: ResultFormat | undefined;
  /** Region, credentials, endpoint. @default what the AWS SDK finds in the environment */
  readonly aws?: AwsSettings | undefined;
}

/** A page of a listing holds so many keys, and costs as much as a dozen reads. */
const KEYS_OF_PAGE = 1000;
const READS_FOR_A_PAGE = 12;

/** Keeps results as objects of a bucket. */
export class S3Result implements ResultStore {
  readonly bucket: string;
  readonly prefix: string;
  readonly #codec: ResultCodec;
  readonly #requests = createRequestCounter();
  readonly #aws: AwsSettings;
  #opened: Store | undefined;

  /** @throws {InvalidOptionError} for a missing bucket and an unknown format. */
  constructor({ bucket, prefix = "", format = "values", aws = {} }: S3ResultOptions) {
    if (typeof bucket !== "string" || bucket === "") throw new InvalidOptionError("S3Result needs `bucket`, its name");
    this.bucket = bucket;
    this.prefix = prefix;
    this.#codec = codecOf("S3Result", format);
    this.#aws = aws;
  }

  /** AWS requests made so far, by service and operation. */
  get requests(): RequestCounts {
    return this.#requests.counts();
  }

  /** @throws {CloudburstError} when S3 refuses, and `bad_result` for what is no result. */
  async read(key: string): Promise<{ readonly value: unknown } | undefined> {
    const bytes = await this.#store.get(this.prefix + key);
    return bytes && { value: this.#codec.decode(key, bytes) };
  }

  /** @throws {CloudburstError} when S3 refuses, and for a value that cannot be written. */
  async write(key: string, value: unknown): Promise<void> {
    await this.#store.put(this.prefix + key, this.#codec.encode(key, value));
  }

  /** One listing of what the keys have in common, given up where it would cost more than reading them all. */
  async among(keys: readonly string[]): Promise<ReadonlySet<string>> {
    const wanted = new Set(keys.map((key) => this.prefix + key));
    const left = (): ReadonlySet<string> => new Set(keys);
    const found = new Set<string>();
    let listed = 0;
    const most = Math.ceil(keys.length / READS_FOR_A_PAGE) * KEYS_OF_PAGE;
    for await (const key of this.#store.list(commonPrefix([...wanted]))) {
      listed += 1;
      if (listed > most) return left();
      if (wanted.has(key)) found.add(key.slice(this.prefix.length));
    }
    return found;
  }

  /** Opened by the first request: flows are defined where nobody needs AWS. */
  get #store(): Store {
    return (this.#opened ??= createS3Store(openS3Client(this.#aws, this.#requests), this.bucket));
  }
}

function commonPrefix(keys: readonly string[]): string {
  const [first = "", ...rest] = keys;
  let length = first.length;
  for (const key of rest) while (!key.startsWith(first.slice(0, length))) length -= 1;
  return first.slice(0, length);
}
