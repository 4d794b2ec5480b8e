import { CodecError, type Message } from '../../../activities/acquirers/iso8583/codec.ts';
import { decodeAdditionalData, type AdditionalData } from '../../../activities/acquirers/iso8583/field48.ts';
import {
  isMessageType,
  MESSAGE_TYPES,
  type FieldNumber,
} from '../../../activities/acquirers/iso8583/fields.ts';
import { CURRENCIES } from '../../../workflows/domain/currencies.ts';
import type { CardPurpose } from '../../../workflows/domain/outcome.ts';

/** A financial request as the authority reads it. Amounts are minor units. */
export interface FinancialRequest {
  readonly message: Message;
  readonly kind: CardPurpose;
  readonly key: string;
  readonly stan: string;
  readonly rrn: string;
  readonly institution: string;
  readonly terminal: string;
  readonly merchantAccount: string;
  readonly amount: number;
  /** Alphabetic; null when field 49 is no currency. */
  readonly currency: string | null;
  readonly card: string;
  /** YYMM. */
  readonly expiry: string;
  readonly cvv: string | null;
  readonly authorizationType: 'final' | 'pre';
  readonly approvalCode: string | null;
  /** Key of what field 90 names. */
  readonly originalKey: string | null;
  /** First amount of field 95. */
  readonly replacement: number | null;
}

const NEEDED = [2, 3, 4, 7, 11, 14, 32, 37, 41, 42, 49] as const satisfies readonly FieldNumber[];
const CODES_BY_NUMBER = new Map(
  Object.entries(CURRENCIES).map(([code, { numeric }]) => [numeric as string, code]),
);

/** Null when the message is no financial request of the dialect, or lacks a field that all of them have. */
export function readFinancialRequest(message: Message): FinancialRequest | null {
  const { fields } = message;
  const additional = additionalOf(fields[48]);
  const kind = kindOf(message, additional);
  if (kind === null || NEEDED.some((field) => fields[field] === undefined)) return null;
  const text = (field: FieldNumber): string => fields[field]?.trimEnd() ?? '';
  return {
    message,
    kind,
    key: keyOf(answerTypeOf(message.type), text(11), text(7), text(32), text(41)),
    stan: text(11),
    rrn: text(37),
    institution: text(32),
    terminal: text(41),
    merchantAccount: text(42),
    amount: Number(text(4)),
    currency: CODES_BY_NUMBER.get(text(49)) ?? null,
    card: text(2),
    expiry: text(14),
    cvv: additional.cvv ?? null,
    authorizationType: additional.authorizationType === 'P' ? 'pre' : 'final',
    approvalCode: fields[38] === undefined ? null : text(38),
    originalKey: fields[90] === undefined ? null : originalKeyOf(fields[90], text(41)),
    replacement: fields[95] === undefined ? null : Number(fields[95].slice(0, 12)),
  };
}

/** Point of service condition code: verify the account number, authorize nothing. */
const VERIFY_ONLY = '51';

/** What a message asks for, from its type, processing code, fields 25 and 95 and the stored-credential indicator. */
function kindOf({ type, fields }: Message, { storedCredential }: AdditionalData): CardPurpose | null {
  switch (type) {
    case '0100':
      if (fields[25] === VERIFY_ONLY) return 'verification';
      return storedCredential?.[1] === 'X' ? 'increment' : 'authorization';
    case '0200':
      return fields[3]?.startsWith('20') === true ? 'refund' : 'sale';
    case '0220':
    case '0221':
      return 'capture';
    case '0400':
    case '0401':
      return fields[95] === undefined ? 'void' : 'partial_void';
    case '0420':
    case '0421':
      return 'reversal';
    case '0110':
    case '0210':
    case '0230':
    case '0410':
    case '0430':
    case '0800':
    case '0810':
      return null;
  }
}

/** Field 90: message type 4, STAN 6, time 10, institution 11. The terminal is the one that asks. */
function originalKeyOf(elements: string, terminal: string): string {
  const type = elements.slice(0, 4);
  return keyOf(
    isMessageType(type) ? answerTypeOf(type) : type,
    elements.slice(4, 10),
    elements.slice(10, 20),
    elements.slice(20, 31),
    terminal,
  );
}

function answerTypeOf(type: Message['type']): string {
  return MESSAGE_TYPES[type] ?? type;
}

function keyOf(
  answerType: string,
  stan: string,
  time: string,
  institution: string,
  terminal: string,
): string {
  return [answerType, stan, time, institution.replace(/^0+/, ''), terminal].join('|');
}

function additionalOf(text: string | undefined): AdditionalData {
  if (text === undefined) return {};
  try {
    return decodeAdditionalData(text);
  } catch (error) {
    if (error instanceof CodecError) return {};
    throw error;
  }
}
