/** Cluster classes that a test names as `module#Export`. */
import type { Cluster, OpenCluster } from "../../src/cluster/cluster.ts";

export class OpenNothing {
  readonly #why: string;

  constructor({ why = "no reason" }: { readonly why?: string }) {
    this.#why = why;
  }

  open(): Promise<Cluster> {
    return Promise.reject(new Error(this.#why));
  }
}

export const openNothing = (): OpenCluster => () => Promise.reject(new Error("nothing to open"));
