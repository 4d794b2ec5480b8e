import { inject } from 'vitest';
import { borrowStack } from './stack-loans.ts';

// Before the tests of each file, in the process that is theirs alone.
process.env['VITEST_STACK_RUN_FILE'] = await borrowStack(inject('stackLoans'));
