import { cpus } from 'node:os';
import { decode, encode, type Message } from '../../activities/acquirers/iso8583/codec.ts';
import type { AcquirerAccountId, PaymentId } from '../../workflows/domain/ids.ts';
import { decideRoute } from '../../workflows/domain/route/decide.ts';
import { APPROVAL_LEVELS } from '../../workflows/domain/route/estimate.ts';
import { answerOf } from '../../workflows/domain/route/record.ts';
import {
  CAPABILITIES,
  DEFAULT_SETTINGS,
  type RouteOption,
  type RouteRequest,
} from '../../workflows/domain/route/types.ts';
import { line, measure } from './measure.ts';

/**
 * What choosing among fifty acquirers costs, and what a message of the ISO 8583 wire costs: both on
 * one core, without database or network. Ends with 1 when a floor is missed.
 */
const ACQUIRERS = 50;
const DECISION_P99_US_MAX = 1_000;
const CODEC_PER_SECOND_MIN = 50_000;
const NOW = 1_760_000_000_000;

function option(n: number): RouteOption {
  const seen = (place: number): bigint => BigInt(((n * 7_919 + place * 104_729) % 400_000) + 1);
  return {
    acquirer: `acquirer-${n}`,
    account: `aca_${String(n).padStart(26, '0')}` as AcquirerAccountId,
    singleMessage: n % 2 === 0,
    currencies: ['EUR', 'USD', 'GBP', 'CHF', 'JPY'],
    brands: n % 7 === 0 ? ['mastercard'] : ['visa', 'mastercard', 'amex'],
    capabilities: CAPABILITIES,
    limit: n % 5 === 0 ? { minimum: 100n, maximum: 1_000_000n, step: 1n } : null,
    amountProblem: null,
    validFrom: 0,
    validTo: null,
    maintenanceUntil: null,
    breaker:
      n % 11 === 0
        ? { state: 'open', until: NOW + 5_000, reason: '7 of 15 calls failed within 10 s', probesFree: 0 }
        : { state: 'closed', until: null, reason: null, probesFree: 0 },
    costs: (['scheme', 'interchange', 'acquirer'] as const).map((kind, place) => ({
      kind,
      fixedMicros: BigInt(n * 1_000),
      ppm: BigInt(1_000 + n * 10 + place),
      crossBorderPpm: 4_000n,
    })),
    counts: APPROVAL_LEVELS.map((level, place) => ({
      level,
      answered: seen(place),
      approved: (seen(place) * 9n) / 10n,
    })),
    latencyMs: 200 + n,
  };
}

const options = Array.from({ length: ACQUIRERS }, (_, n) => option(n));
const requestOf = (n: number): RouteRequest => ({
  payment: `pay_${n}` as PaymentId,
  amount: BigInt(100 + (n % 100_000)),
  currency: 'EUR',
  brand: 'visa',
  bin: '42424242',
  holds: n % 2 === 0,
  allowsPartialApproval: false,
  crossBorder: true,
  authorizeBy: NOW + 600_000,
  tried: [],
  settings: DEFAULT_SETTINGS,
  rules: [
    {
      id: 'rule',
      priority: 1,
      scope: { currencies: ['JPY'], brands: [], bins: [], amountFrom: null, amountTo: null },
      kind: 'pin',
      account: 'aca_none' as AcquirerAccountId,
    },
  ],
  options,
  degraded: false,
  now: NOW,
});

/** An authorization as it goes out; the card is a test number. */
const request: Message = {
  type: '0100',
  fields: {
    2: '4242424242424242',
    3: '000000',
    4: '000000005000',
    7: '1121135300',
    11: '000042',
    12: '135300',
    13: '1121',
    14: '3012',
    18: '5732',
    22: '812',
    25: '59',
    32: '400123',
    37: '632513000042',
    41: 'TERM0001',
    42: 'MERCHANT0000001',
    43: 'QUITTANCE TEST SHOP    AMSTERDAM    NL  ',
    49: '978',
  },
};

const decision = measure(`decision among ${ACQUIRERS} acquirers, with record`, 20_000, (n) => {
  const asked = requestOf(n);
  return answerOf(asked, decideRoute(asked));
});
const choice = measure(`the choice alone, among ${ACQUIRERS}`, 20_000, (n) => decideRoute(requestOf(n)));
const codec = measure('ISO 8583 encode and decode, 17 fields', 200_000, () => decode(encode(request)));

console.log(
  `${new Date().toISOString()}  Node ${process.version}, ${cpus()[0]?.model ?? 'unknown CPU'}, one core of ${cpus().length}`,
);
console.log([decision, choice, codec].map(line).join('\n'));
const missed = [
  ...(decision.processor.p99 > DECISION_P99_US_MAX ? [`decision p99 above ${DECISION_P99_US_MAX} µs`] : []),
  ...(codec.perSecond < CODEC_PER_SECOND_MIN
    ? [`codec below ${CODEC_PER_SECOND_MIN} messages a second`]
    : []),
];
console.log(missed.length === 0 ? 'floors held' : `MISSED: ${missed.join('; ')}`);
console.log('again: npm run bench:routing');
process.exitCode = missed.length === 0 ? 0 : 1;
