import { describe, expect, it } from 'vitest';
import type { MerchantId } from '../workflows/domain/ids.ts';
import { createAlarms } from './alarms.ts';
import { createVaultCounters } from './counters.ts';
import type { SpeaksFor } from './speaks-for.ts';

// Whom a refusal counts against. The rows of alarms are limits.stack.test.ts's; here nothing is written.

const SHOP = 'mer_1' as MerchantId;
const OTHER_SHOP = 'mer_2' as MerchantId;
const OF_ONE: SpeaksFor = new Set(['acquirer-1']);
const OF_ANOTHER: SpeaksFor = new Set(['acquirer-2']);
const FAILURES = 5;

function alarms() {
  const silent = () => undefined;
  return createAlarms(
    { windowMs: 60_000, failures: FAILURES, tokensPerMerchant: 1_000, tokensPerCaller: 1_000, lockMs: 60_000, cellCards: 5 }, // prettier-ignore
    {
      database: { query: () => Promise.resolve([]) },
      logger: { error: silent, warn: silent, info: silent, debug: silent },
      counters: createVaultCounters(),
      now: () => 0,
    },
  );
}
const often = (refuse: () => void): void => {
  for (let time = 0; time < FAILURES; time += 1) refuse();
};

describe('refusals of an acquirer worker', () => {
  it('for an acquirer that its certificate does not name lock that certificate for that merchant, and nobody else', () => {
    const of = alarms();
    often(() => {
      of.refused('acquirers', SHOP, OF_ONE, 'grant_wrong_acquirer');
    });
    expect(() => {
      of.admit('acquirers', SHOP, OF_ONE);
    }).toThrow(/acquirers of acquirer-1 for mer_1/);
    expect(() => {
      of.admit('acquirers', null, OF_ONE);
      of.admit('acquirers', OTHER_SHOP, OF_ONE);
      of.admit('acquirers', SHOP, OF_ANOTHER);
      of.admit('acquirers', SHOP, 'all');
      of.admit('api', SHOP, null);
    }).not.toThrow();
  });

  it('for grants from before these named their acquirer count against nobody', () => {
    const of = alarms();
    often(() => {
      of.refused('acquirers', SHOP, OF_ONE, 'grant_unnamed');
    });
    expect(() => {
      of.admit('acquirers', SHOP, OF_ONE);
    }).not.toThrow();
  });

  it('for anything else count against all of them and the merchant, as ever', () => {
    const of = alarms();
    often(() => {
      of.refused('acquirers', SHOP, OF_ONE, 'grant_wrong_payment');
    });
    expect(() => {
      of.admit('acquirers', null, OF_ANOTHER);
    }).toThrow('acquirers raised an alarm');
    expect(() => {
      of.admit('api', SHOP, null);
    }).toThrow('mer_1 raised an alarm');
  });
});

it('a merchant that names cards that are not there counts for itself, and not for the api', () => {
  const of = alarms();
  often(() => {
    of.refused('api', SHOP, null, 'unknown_token');
  });
  expect(() => {
    of.admit('api', SHOP, null);
  }).toThrow('mer_1 raised an alarm');
  expect(() => {
    of.admit('api', OTHER_SHOP, null);
  }).not.toThrow();
});

it('whoever is locked is told whether it is the caller itself, or one for whom it asks', () => {
  const lockedAs = (merchant: MerchantId | null) => {
    const of = alarms();
    often(() => {
      of.refused('api', merchant, null, 'malformed');
    });
    try {
      of.admit(merchant === null ? 'api' : 'acquirers', merchant, null);
      return null;
    } catch (error) {
      return error;
    }
  };
  expect(lockedAs(null)).toMatchObject({ code: 'locked', ofCaller: true, retryAfterS: 60 });
  expect(lockedAs(SHOP)).toMatchObject({ code: 'locked', ofCaller: false, retryAfterS: 60 });
});
