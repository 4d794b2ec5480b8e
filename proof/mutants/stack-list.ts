import type { Mutant } from './list.ts';

const RECORD = 'schema/functions/record_changes.sql';
const STEPS_TEST = 'schema/steps.stack.test.ts';
const ATTEMPTS = 'activities/acquirers/attempts.ts';
const ATTEMPTS_TEST = 'activities/acquirers/attempts.stack.test.ts';
const DETOKENIZE = 'vault/detokenize.ts';
const DETOKENIZE_TEST = 'vault/detokenize.stack.test.ts';
const DISPATCHER_TEST = 'activities/webhooks/dispatcher.stack.test.ts';

/** Faults that only a database or a process can show: their tests need a stack, which takes half a minute each. */
export const STACK_MUTANTS: readonly Mutant[] = [
  {
    fault: 'a step is written whatever version it was decided on',
    file: RECORD,
    find: `when p.version <> (k ->> 'expected_version')::integer then 'stale'`,
    replace: `when false then 'stale'`,
    killedBy: STEPS_TEST,
  },
  {
    fault: 'a repeated step is written again',
    file: RECORD,
    find: `and h.cause = k ->> 'cause') then 'repeated'`,
    replace: `and h.cause = k ->> 'cause' and false) then 'repeated'`,
    killedBy: STEPS_TEST,
  },
  {
    fault: 'a change drops its outbox row',
    file: RECORD,
    find: `if applied @? '$[*].events[*]' then`,
    replace: `if false then`,
    killedBy: STEPS_TEST,
  },
  {
    fault: 'what is under way is called never sent',
    file: 'schema/functions/fence_attempt.sql',
    find: `and state = 'planned' and kind <> 'reversal'`,
    replace: `and state in ('planned', 'sending') and kind <> 'reversal'`,
    killedBy: STEPS_TEST,
  },
  {
    fault: 'two calls write one attempt',
    file: ATTEMPTS,
    find: `\`update attempts set state = 'sending', sending_at = clock_timestamp(), sends = sends + 1
         where merchant_id = $1 and id = $2 and state = 'planned'\``,
    replace: `\`update attempts set state = 'sending', sending_at = clock_timestamp(), sends = sends + 1
         where merchant_id = $1 and id = $2 and state in ('planned', 'sending')\``,
    killedBy: ATTEMPTS_TEST,
  },
  {
    fault: 'a repeated attempt is fenced though its bytes may be under way',
    file: ATTEMPTS,
    find: `(state = 'sending' and sends = 1))`,
    replace: `state = 'sending')`,
    killedBy: ATTEMPTS_TEST,
  },
  {
    fault: 'a card number is given out without a line in the audit log',
    file: DETOKENIZE,
    find: `      FROM answer ORDER BY place\n  )`,
    replace: `      FROM answer WHERE false ORDER BY place\n  )`,
    killedBy: DETOKENIZE_TEST,
  },
  {
    fault: 'a security code is leased to two attempts',
    file: DETOKENIZE,
    find: `(kept.attempt IS NULL OR kept.attempt = f.attempt)`,
    replace: `true`,
    killedBy: DETOKENIZE_TEST,
  },
  {
    fault: 'a webhook that was refused counts as delivered',
    file: 'activities/webhooks/attempt.ts',
    find: `return { delivered: error === null, at,`,
    replace: `return { delivered: status !== null || error === null, at,`,
    killedBy: DISPATCHER_TEST,
  },
  {
    fault: 'a key that comes with another request is taken for the same',
    file: 'api/requests.ts',
    find: `if (!timingSafeEqual(fingerprint, found.fingerprint)) {`,
    replace: `if (!timingSafeEqual(fingerprint, fingerprint)) {`,
    killedBy: 'api/idempotency.stack.test.ts',
  },
];
