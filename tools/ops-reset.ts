/** npm run ops:reset: lets runs of payments begin again from their first task. See tools/reset/run-reset.ts. */
import { runReset } from './reset/run-reset.ts';

process.exitCode = await runReset(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
