import type { Check } from '../check.ts';
import { amountsWithin } from './amounts-within.ts';
import { answersAreTrue } from './answers-are-true.ts';
import { cardDataIsGone } from './card-data-is-gone.ts';
import { changesAreTold } from './changes-are-told.ts';
import { clearingAgrees } from './clearing-agrees.ts';
import { effectsHaveAttempts } from './effects-have-attempts.ts';
import { holdsAreLimited } from './holds-are-limited.ts';
import { ledgerChecks } from './ledger.ts';
import { moneyIsAudited } from './money-is-audited.ts';
import { oneAuthorization } from './one-authorization.ts';
import { oneOperationPerKey } from './one-operation-per-key.ts';
import { openMeansPending } from './open-means-pending.ts';
import { readsFollowAnswers } from './reads-follow-answers.ts';
import { rowsAreLegal } from './rows-are-legal.ts';

/** All of them, in the order of their numbers. */
export function allChecks(): readonly Check[] {
  return [
    ...ledgerChecks(),
    effectsHaveAttempts,
    oneAuthorization,
    amountsWithin,
    clearingAgrees,
    answersAreTrue,
    oneOperationPerKey,
    rowsAreLegal,
    changesAreTold,
    holdsAreLimited,
    openMeansPending,
    moneyIsAudited,
    cardDataIsGone,
    readsFollowAnswers,
  ];
}
