import { scrubText } from '../../platform/scrub.ts';
import type { AttemptAnswer } from './attempts.ts';
import { NotReady, type AcquirerWire, type Exchange } from './wire.ts';

/** No reason of ours is longer; what an acquirer has to say beyond it helps nobody. */
const TEXT_LENGTH_MAX = 500;

/**
 * A text of an acquirer, or one that quotes one, as it may be kept and shown: acquirers repeat in their
 * error messages what they were sent, card numbers included.
 */
export function cleanText(text: string): string {
  const clean = scrubText(text);
  return clean.length > TEXT_LENGTH_MAX ? `${clean.slice(0, TEXT_LENGTH_MAX)}…` : clean;
}

const cleanOrNull = (text: string | null): string | null => (text === null ? null : cleanText(text));

/**
 * The answer with every free text of it clean. Its references stay as they are: they are names that
 * later messages need, and one of sixteen digits may well have a check digit by chance.
 */
export function cleanAnswer(answer: AttemptAnswer): AttemptAnswer {
  return {
    ...answer,
    responseCode: cleanOrNull(answer.responseCode),
    approvalCode: cleanOrNull(answer.approvalCode),
    settlementDate: cleanOrNull(answer.settlementDate),
    avsResult: cleanOrNull(answer.avsResult),
    cvvResult: cleanOrNull(answer.cvvResult),
    reason: cleanOrNull(answer.reason),
  };
}

function cleanExchange(exchange: Exchange): Exchange {
  return exchange.type === 'answered'
    ? { ...exchange, answer: cleanAnswer(exchange.answer) }
    : { ...exchange, reason: cleanText(exchange.reason) };
}

/** What is thrown while a message is prepared goes into rows and histories as its text. */
function cleanThrown(error: unknown): unknown {
  if (error instanceof NotReady) return new NotReady(cleanText(error.message), error);
  if (error instanceof RangeError) return new RangeError(cleanText(error.message));
  return error;
}

/** The wire, with all that it says clean before anybody records, logs or returns it. */
export function cleanWire<Message>(wire: AcquirerWire<Message>): AcquirerWire<Message> {
  const { inquire } = wire;
  return {
    async prepare(ref, attempt, preparation) {
      try {
        return await wire.prepare(ref, attempt, preparation);
      } catch (error) {
        throw cleanThrown(error);
      }
    },
    async exchange(message, { refuseWrite, onLate }) {
      return cleanExchange(
        await wire.exchange(message, {
          refuseWrite,
          onLate: (answer) => {
            onLate(cleanAnswer(answer));
          },
        }),
      );
    },
    inquire: inquire === null ? null : async (ref, attempt) => cleanExchange(await inquire(ref, attempt)),
  };
}
