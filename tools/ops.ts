/** npm run ops: what waits for a person, and what people decide about it. See tools/ops/help.ts. */
import { runOps } from './ops/run-ops.ts';

process.exitCode = await runOps(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  stdin: process.stdin,
});
