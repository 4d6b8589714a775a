/**
 * Which room may import from which, and which packages belong to which room: the folders of src/, and infra/ beside it.
 * docs/architecture.md explains the rooms; this table is what is checked (`npm run check:imports`).
 */

/** Room → rooms whose modules it may import. `cli` and `src/index.ts` put the parts together and may import all. */
const rooms = {
  base: [],
  flow: ["base"],
  engine: ["base", "flow"],
  schedules: ["base", "flow"],
  config: ["base"],
  visualize: ["base", "flow"],
  wire: ["base"],
  aws: ["base"],
  queue: ["base", "aws"],
  store: ["base", "aws"],
  embedded: ["base"],
  bundle: ["base"],
  adaptive: ["base"],
  cluster: ["base", "wire", "aws", "queue", "store", "embedded"],
  slots: ["base", "flow", "wire"],
  executors: ["base", "wire", "aws", "queue", "store", "bundle", "cluster", "adaptive", "slots"],
  worker: ["base", "flow", "wire", "aws", "queue", "store", "slots"],
  observe: ["base", "flow"],
  simulate: ["base", "flow", "adaptive", "observe"],
  infra: ["base", "wire"],
  results: ["base", "wire", "aws", "store"],
};

/** The port between engine and executors, and what reports are made of: single files, not whole rooms. */
const port = "^src/executors/executor[.]ts$";
/** What inputs are read from, wherever they are stored. */
const storePort = "^src/store/store[.]ts$";
/** The simulator cuts chunks by the driver's own rule. */
const chunkSize = "^src/executors/chunk-size[.]ts$";
/** Who waits for whom in a graph, found once by the engine's rule. */
const graphPlan = "^src/engine/plan[.]ts$";
/** What the stack writes and drivers read. */
const stackOutputs = "^src/cluster/stack-outputs[.]ts$";
/** What the driver keeps results in, as tasks name it. */
const resultPort = "^src/results/result-store[.]ts$";
const doorways = {
  flow: { types: [port, resultPort] },
  engine: { values: [port], types: [resultPort] },
  slots: { types: [port, storePort] },
  observe: { types: [port] },
  simulate: { types: [port], values: [chunkSize, graphPlan] },
  infra: { values: [stackOutputs] },
};

/** Packages that one part alone deals with, so that it alone has to know them. */
const packages = {
  "@aws-sdk|@smithy": ["aws", "queue", "store", "cluster"],
  esbuild: ["bundle"],
  "fast-xml-parser": ["embedded"],
  devalue: ["wire"],
  commander: ["cli"],
  croner: ["schedules"],
  lilconfig: ["config"],
  "@viz-js": ["visualize"],
  "aws-cdk-lib|constructs": ["infra"],
};

const folderOf = (room) => (room === "infra" ? "infra" : `src/${room}`);
const inRoom = (names) => `^(${names.map(folderOf).join("|")})/`;

const directions = Object.entries(rooms).map(([room, allowed]) => ({
  name: `${room}-imports`,
  comment: `${folderOf(room)} may import from: ${[room, ...allowed].join(", ")}`,
  severity: "error",
  from: { path: inRoom([room]) },
  to: {
    path: "^(src|infra)/",
    pathNot: [inRoom([room, ...allowed]), ...(doorways[room]?.values ?? []), ...(doorways[room]?.types ?? [])],
  },
}));

const typesOnly = Object.entries(doorways)
  .filter(([, { types }]) => types !== undefined)
  .map(([room, { types }]) => ({
    name: `${room}-imports-types-only`,
    comment: `${folderOf(room)} may use these files with \`import type\` only`,
    severity: "error",
    from: { path: inRoom([room]) },
    to: { path: types, dependencyTypesNot: ["type-only"] },
  }));

const packageOwners = Object.entries(packages).map(([name, owners]) => ({
  name: `${name.replace(/\W+/g, "-").replace(/^-/, "")}-owners`,
  comment: `only ${owners.join(", ")} may import ${name}`,
  severity: "error",
  from: { path: "^(src|infra)/", pathNot: inRoom(owners) },
  to: { path: `^node_modules/(${name})(/|$)` },
}));

module.exports = {
  forbidden: [
    ...directions,
    ...typesOnly,
    ...packageOwners,
    {
      name: "no-unknown-room",
      comment: "a new folder of src/ needs a line in the table of .dependency-cruiser.cjs and in docs/architecture.md",
      severity: "error",
      from: { path: "^src/[^/]+/", pathNot: inRoom([...Object.keys(rooms), "cli"]) },
      to: {},
    },
    {
      name: "infra-stands-alone",
      comment: "only whoever deploys has the CDK: drivers and workers must load without it",
      severity: "error",
      from: { path: "^(src|examples)/" },
      to: { path: inRoom(["infra"]) },
    },
    {
      name: "no-circular",
      comment: "modules that import each other cannot be understood one at a time",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "examples-use-the-front-door",
      comment: "an example shows what a user can write: it imports src/index.ts only",
      severity: "error",
      from: { path: "^examples/" },
      to: { path: "^src/", pathNot: "^src/index[.]ts$" },
    },
    {
      name: "no-unresolvable",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "no-dev-dependency-in-the-package",
      comment: "a user of the package does not have it, unless it is a peer as well",
      severity: "error",
      from: { path: "^(src|infra)/" },
      to: {
        dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"],
        dependencyTypesNot: ["npm-peer"],
        pathNot: "^node_modules/@types/",
      },
    },
  ],
  options: {
    doNotFollow: { path: "^node_modules/" },
    exclude: { path: "(^|/)fixtures/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "types", "default"],
      extensions: [".ts", ".js", ".cjs", ".mjs", ".d.ts"],
    },
  },
};
