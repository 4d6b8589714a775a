/** A driver of its own: runs a flow on the cluster that its arguments describe, and prints how it ended. */
import { FargateExecutor } from "../../../src/index.ts";
import { slowSquares } from "./on-fargate.ts";

const [kwargs = "{}", n = "0"] = process.argv.slice(2);
const executor = new FargateExecutor({ clusterClass: "FargateCluster", clusterKwargs: JSON.parse(kwargs) as object });
const { kind, result, report } = await slowSquares.run({ parameters: { n: Number(n) }, executor });
console.log(JSON.stringify({ kind, result, workers: report?.workers }));
