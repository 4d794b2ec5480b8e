import { Command } from 'commander';
import { addCheckout } from './commands/checkout.ts';
import { addCompletion } from './commands/completion.ts';
import { addEvents } from './commands/events.ts';
import { addExplain } from './commands/explain.ts';
import { addListen } from './commands/listen.ts';
import { addLogin } from './commands/login.ts';
import { addOperations } from './commands/lists.ts';
import { addOps } from './commands/ops.ts';
import { addPayments } from './commands/payments.ts';
import { addStack } from './commands/stack.ts';
import { addTrigger } from './commands/trigger.ts';
import type { Surroundings } from './context.ts';
import { EXIT } from './failure.ts';
import { url } from './options.ts';

const AFTER = `
Whom it speaks for: --run-file FILE; or --api with --key; or what login kept; or the stack of this checkout.

Ends with ${EXIT.done} when it is done, ${EXIT.refused} when it was refused, ${EXIT.misused} when what was typed is no command, ${EXIT.unanswered} when there was no answer,
${EXIT.notPaid} when the payment, or what was asked of it, was declined, blocked or failed, and ${EXIT.processing} when its outcome is not known yet.
`;

/** The whole command line. A command of another tool is one more `add…` here. */
export function createProgram(surroundings: Surroundings): Command {
  const { terminal } = surroundings;
  const program = new Command('quittance')
    .description('Quittance from the command line: payments, events, webhooks, and a stack to try them on.')
    .option('--json', 'the answer as JSON')
    .option('--api <url>', 'of the merchant API', url)
    .option('--key <key>', 'secret key, sk_test_… or sk_live_…; QUITTANCE_API_KEY with --api does the same')
    .option('--run-file <file>', 'run.json of a running stack')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.say })
    .showHelpAfterError('(--help says more)')
    .showSuggestionAfterError(true)
    .addHelpText('after', AFTER)
    .exitOverride();
  addLogin(program, surroundings);
  addStack(program, surroundings);
  addPayments(program, surroundings);
  addOperations(program, surroundings);
  addEvents(program, surroundings);
  addListen(program, surroundings);
  addTrigger(program, surroundings);
  addCheckout(program, surroundings);
  addExplain(program, surroundings);
  addOps(program, surroundings);
  addCompletion(program, surroundings);
  return program;
}
