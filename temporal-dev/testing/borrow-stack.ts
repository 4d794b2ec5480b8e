import { inject } from 'vitest';
import { clearFaults, closeBreakers } from '../clean-acquirers.ts';
import { readRunFile } from '../run-file.ts';
import { borrowStack } from './stack-loans.ts';
import { waitUntil } from './wait-until.ts';

// Before the tests of each file, in the process that is theirs alone.
const runFile = await borrowStack(inject('stackLoans'));
process.env['VITEST_STACK_RUN_FILE'] = runFile;

// What the file before it made go wrong at acquirers is not this one's. A part that it killed may be on its way back.
await waitUntil('no acquirer is told to misbehave, and none is avoided', 60_000, async () => {
  const { acquirers, redis, processes } = await readRunFile(runFile);
  // A stack that was started for this may lack some parts.
  await clearFaults({ acquirers: acquirers.filter(({ id }) => id in processes) });
  if ('redis' in processes) await closeBreakers({ redis });
  return true;
});
