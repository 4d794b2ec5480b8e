import { describe, expect, it } from 'vitest';
import { declined } from './answers.ts';
import { cleanAnswer, cleanText, cleanWire } from './clean.ts';
import type { AttemptAnswer } from './attempts.ts';
import { NotReady, type AcquirerWire, type Exchange } from './wire.ts';

const NUMBER = '4242424242424242';
const SAID = `your card ${NUMBER} with cvv: 737`;
/** The table's word stays: what is kept besides is not repeated. */
const CLEAN = cleanText(SAID);

describe('a text of an acquirer', () => {
  it('loses card numbers, security codes and its endless end', () => {
    expect(CLEAN).not.toContain('424242424242');
    expect(CLEAN).not.toContain('737');
    expect(cleanText('x'.repeat(10_000)).length).toBeLessThanOrEqual(501);
    expect(cleanText('stored_failure at 123 ms: HTTP 500')).toBe('stored_failure at 123 ms: HTTP 500');
  });
});

describe('an answer of an acquirer', () => {
  it('is clean in every free text, and keeps the names that later messages need', () => {
    const reference = '8535296650153317';
    const answer = declined(SAID, 'none', SAID, {
      approvalCode: SAID,
      settlementDate: SAID,
      avsResult: SAID,
      cvvResult: SAID,
      acquirerReference: reference,
      networkReference: reference,
    }).answer;
    const clean = cleanAnswer(answer);
    expect(
      JSON.stringify(clean, (_, value) => (typeof value === 'bigint' ? 0 : (value as unknown))),
    ).not.toContain(NUMBER);
    expect(clean).toMatchObject({ acquirerReference: reference, networkReference: reference, reason: CLEAN });
  });
});

describe('a wire', () => {
  const ends = (exchange: Exchange, late: (answer: AttemptAnswer) => void, thrown: Error) => {
    const wire: AcquirerWire<string> = {
      prepare: () => Promise.reject(thrown),
      exchange: (_message, { onLate }) => {
        onLate(declined('05', 'none', SAID).answer);
        return Promise.resolve(exchange);
      },
      inquire: () => Promise.resolve(exchange),
    };
    const clean = cleanWire(wire);
    return Promise.all([
      clean.exchange('', { refuseWrite: () => null, onLate: late }),
      clean.inquire?.(undefined as never, undefined as never),
      clean
        .prepare(undefined as never, undefined as never, undefined as never)
        .catch((error: unknown) => error),
    ]);
  };

  it.each([
    { type: 'answered', answer: declined('05', 'none', SAID).answer },
    { type: 'unsent', reason: SAID },
    { type: 'unknown', reason: SAID },
  ] as const)(
    'says nothing that is not clean, late answers and refusals to begin included ($type)',
    async (exchange) => {
      for (const thrown of [new NotReady(SAID), new RangeError(SAID)]) {
        const late: AttemptAnswer[] = [];
        const [exchanged, inquired, refused] = await ends(exchange, (answer) => late.push(answer), thrown);
        const texts = [exchanged, inquired].map((end) =>
          end?.type === 'answered' ? end.answer.reason : end?.reason,
        );
        expect([...texts, late[0]?.reason]).toEqual([CLEAN, CLEAN, CLEAN]);
        expect(refused).toBeInstanceOf(thrown.constructor);
        expect((refused as Error).message).toBe(CLEAN);
      }
    },
  );
});
