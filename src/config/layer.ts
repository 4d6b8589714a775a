/** Where settings come from: each source is a layer, and of several layers the first that has a setting decides. */
import { type SettingName, type ValueOf } from "./settings.ts";

export interface Found {
  readonly value: unknown;
  /** Names the variable, or the place in the file. */
  readonly source: string;
}

/** What one source sets; the values have been checked. */
export type Layer = ReadonlyMap<SettingName, Found>;

/** One way to say where the workers are excludes the other. */
const rivals: readonly (readonly [SettingName, readonly SettingName[]])[] = [
  [
    "engine.executor.fargate.address",
    [
      "engine.executor.fargate.clusterClass",
      "engine.executor.fargate.clusterKwargs",
      "engine.executor.fargate.adaptKwargs",
    ],
  ],
];

/** All layers as one. */
export class Settings {
  readonly #found = new Map<SettingName, Found>();

  /** @param layers the stronger ones first */
  constructor(layers: readonly Layer[]) {
    for (const layer of layers) {
      const ruledOut = this.#ruledOut();
      for (const [name, found] of layer) {
        if (!this.#found.has(name) && !ruledOut.has(name)) this.#found.set(name, found);
      }
    }
  }

  get<N extends SettingName>(name: N): ValueOf<N> | undefined {
    return this.#found.get(name)?.value as ValueOf<N> | undefined; // checked by readValue when the layer was made
  }

  /** Which of the settings under `section` are set, by their sources' names. */
  sources(section: string): readonly string[] {
    return [...this.#found].filter(([name]) => name.startsWith(section)).map(([, { source }]) => source);
  }

  /** What a weaker layer must not add: an address of the environment would clash with the file's cluster class. */
  #ruledOut(): ReadonlySet<SettingName> {
    const names = rivals.flatMap(([one, others]) => {
      if (this.#found.has(one)) return others;
      return others.some((other) => this.#found.has(other)) ? [one] : [];
    });
    return new Set(names);
  }
}
