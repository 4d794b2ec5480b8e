import { expect, it } from 'vitest';
import type { AcquirerCapabilities } from '../../workflows/domain/capabilities.ts';
import { ATTEMPT_KINDS } from '../../workflows/domain/outcome.ts';
import { POLICIES } from '../../workflows/domain/inquiry.ts';
import { ADYEN_CAPABILITIES } from './adyen/capabilities.ts';
import {
  ANSWERED_KINDS,
  ERROR_CODES as ADYEN_ERROR_CODES,
  EVENT_CODES,
  REFUSAL_REASONS,
  RESULT_CODES,
} from './adyen/reply-table.ts';
import { ISO8583_CAPABILITIES } from './iso8583/capabilities.ts';
import { REPLY_TABLE } from './iso8583/reply-table.ts';
import { STRIPE_CAPABILITIES } from './stripe/capabilities.ts';
import { DECLINE_CODES, ERROR_CODES, INTENT_STATUSES, REFUND_STATUSES } from './stripe/reply-table.ts';

/** docs/acquirer-outcomes.md is made from the tables that the adapters read; `vitest run --update` writes it anew. */
const WIRES: readonly AcquirerCapabilities[] = [
  ISO8583_CAPABILITIES,
  STRIPE_CAPABILITIES,
  ADYEN_CAPABILITIES,
];

const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  `| ${heads.join(' | ')} |`,
  `|${'---|'.repeat(heads.length)}`,
  ...rows.map((cells) => `| ${cells.join(' | ')} |`),
  '',
];

const said = (value: string | number | boolean | null): string =>
  value === null ? 'none' : typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);

/** Number-like keys come in the order of their numbers whatever was written; those with a leading zero do not. */
const byNumber = <Row>(rows: Readonly<Record<string, Row>>): (readonly [string, Row])[] =>
  Object.entries(rows).sort(([a], [b]) => Number(a) - Number(b));

const CAPABILITIES = [
  'authorization',
  'sale',
  'increment',
  'partialCapture',
  'multipleCapture',
  'void',
  'partialVoid',
  'refund',
  'partialRefund',
  'verification',
  'cardPresent',
  'inquiry',
  'keyLifetimeMs',
  'inFlightMs',
] as const satisfies readonly (keyof AcquirerCapabilities)[];

it('docs/acquirer-outcomes.md says what the tables of the adapters say', async () => {
  const meaningOf = (row: { readonly meaning: string; readonly remedy?: string; readonly text: string }) => [
    row.meaning,
    row.remedy ?? '',
    row.text,
  ];
  const document = [
    '# Acquirer outcomes',
    '',
    'What each adapter can do, what becomes of an answer that never came, and what each answer means. Made from the tables in `activities/acquirers` and `workflows/domain/inquiry.ts` by `activities/acquirers/outcome-tables.test.ts`; never by hand. A code that stands in no table is ambiguous, and an alarm.',
    '',
    '## What each wire can do',
    '',
    ...table(
      ['', ...WIRES.map(({ wire }) => wire)],
      CAPABILITIES.map((name) => [name, ...WIRES.map((wire) => said(wire[name]))]),
    ),
    '## What becomes of an unknown',
    '',
    'By how the acquirer can be asked (`inquiry` above).',
    '',
    ...table(
      ['', ...Object.keys(POLICIES)],
      ATTEMPT_KINDS.map((kind) => [
        kind,
        POLICIES.none[kind],
        POLICIES.by_reference[kind],
        POLICIES.same_key[kind],
      ]),
    ),
    '## iso8583: response codes (field 39)',
    '',
    `As of ${REPLY_TABLE.asOf}. ${REPLY_TABLE.source}.`,
    '',
    ...table(
      ['Code', 'Meaning', 'Remedy', 'Text'],
      Object.entries(REPLY_TABLE.rows)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([code, row]) => [code, ...meaningOf(row)]),
    ),
    '## stripe: decline codes',
    '',
    `As of ${DECLINE_CODES.asOf}. ${DECLINE_CODES.source}.`,
    '',
    ...table(
      ['Code', 'Meaning', 'Remedy', 'Text'],
      Object.entries(DECLINE_CODES.rows).map(([code, row]) => [code, ...meaningOf(row)]),
    ),
    '## stripe: error codes',
    '',
    `As of ${ERROR_CODES.asOf}. ${ERROR_CODES.source}. Before any code: HTTP 5xx is ambiguous and stored under the key, 429 was not begun, 401 and 403 were not begun and are ours to mend.`,
    '',
    ...table(
      ['Code', 'Meaning', 'Remedy', 'Text'],
      Object.entries(ERROR_CODES.rows).map(([code, row]) => [code, ...meaningOf(row)]),
    ),
    '## stripe: statuses',
    '',
    ...table(
      ['Object', 'Status', 'Means'],
      [
        ...Object.entries(INTENT_STATUSES).map(([status, means]) => ['payment intent', status, means]),
        ...Object.entries(REFUND_STATUSES).map(([status, means]) => ['refund', status, means]),
      ],
    ),
    '## adyen: results',
    '',
    `As of ${RESULT_CODES.asOf}. ${RESULT_CODES.source}. A capture, cancel, refund or reversal is answered \`received\`, which is pending.`,
    '',
    ...table(
      ['resultCode', 'Means'],
      Object.entries(RESULT_CODES.rows).map(([code, means]) => [code, means]),
    ),
    '## adyen: refusal reasons',
    '',
    `As of ${REFUSAL_REASONS.asOf}. ${REFUSAL_REASONS.source}.`,
    '',
    ...table(
      ['refusalReasonCode', 'Meaning', 'Remedy', 'Text'],
      byNumber(REFUSAL_REASONS.rows).map(([code, row]) => [code, 'declined', row.remedy, row.text]),
    ),
    '## adyen: error codes',
    '',
    `As of ${ADYEN_ERROR_CODES.asOf}. ${ADYEN_ERROR_CODES.source}. Before any code: what carries the header \`transient-error: true\` is asked again, HTTP 5xx is ambiguous, 429 was not begun, 401 and 403 were not begun and are ours to mend. Said of the repeat of an authorization or sale, all of them are ambiguous: the first may be under way.`,
    '',
    ...table(
      ['errorCode', 'Meaning', 'Remedy', 'Text'],
      byNumber(ADYEN_ERROR_CODES.rows).map(([code, row]) => [code, ...meaningOf(row)]),
    ),
    '## adyen: events',
    '',
    `As of ${EVENT_CODES.asOf}. ${EVENT_CODES.source}. Only what is signed is read.`,
    '',
    ...table(
      ['eventCode', 'Means', 'About'],
      Object.entries(EVENT_CODES.rows).map(([code, means]) => [
        code,
        means,
        Object.hasOwn(ANSWERED_KINDS, code)
          ? ANSWERED_KINDS[code as keyof typeof ANSWERED_KINDS].join(', ')
          : '',
      ]),
    ),
  ].join('\n');
  await expect(document).toMatchFileSnapshot('../../docs/acquirer-outcomes.md');
});
