// Reads cases from stdin, `[{ log, keys, kept }]` with `log` in base64, and prints the report of each.
import { text } from "node:stream/consumers";
import { verifyLog } from "tuneledger";

interface Case {
  log: string;
  keys: string[];
  kept: string[];
}

const cases = JSON.parse(await text(process.stdin)) as Case[];
const reports = [];
for (const { log, keys, kept } of cases) {
  reports.push(await verifyLog(new Blob([Buffer.from(log, "base64")]).stream(), { keys, kept }));
}
process.stdout.write(JSON.stringify(reports));
