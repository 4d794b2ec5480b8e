import { CARRIES_SECURITY_CODE, type CardPurpose, type Remedy } from '../../../workflows/domain/outcome.ts';
import type { WireFields } from '../../../workflows/ports/wire.ts';
import type { WireCard } from '../wire.ts';
import { CodecError, type Fields, type Message } from './codec.ts';
import { decodeAdditionalData, encodeAdditionalData, type AdditionalData } from './field48.ts';
import { MESSAGE_TYPES, type FieldNumber, type MessageType, type RequestType } from './fields.ts';
import { classifyReply } from './replies.ts';
import { readWire, WIRE_FIELDS, type WireName } from './wire.ts';

/** Every answer of an acquirer, read and checked. */
export interface Answer {
  readonly outcome: 'approved' | 'declined' | 'ambiguous';
  readonly responseCode: string | null;
  readonly approvalCode: string | null;
  /** Network transaction id. */
  readonly networkReference: string | null;
  /** Minor units; only with approved. May be below the request (partial approval) and, flagged in `reason`, above it. */
  readonly approvedAmount: bigint | null;
  /** MMDD as the acquirer said it. */
  readonly settlementDate: string | null;
  /** When the authorization ends by the acquirer's word; null when it gave none, or nothing is held. */
  readonly validUntil: Date | null;
  readonly remedy: Remedy | null;
  readonly avsResult: string | null;
  readonly cvvResult: string | null;
  readonly reason: string | null;
}

/** The kinds whose same message may be sent again until it is answered, with the type of the repeat. */
const REPEAT_TYPES: Readonly<Partial<Record<RequestType, RequestType>>> = {
  '0220': '0221',
  '0400': '0401',
  '0420': '0421',
};

/**
 * The message of an attempt: its stored plan and the card, nothing else. With `repeated` it is the same
 * message with the message type of a repeat.
 * @throws RangeError when the plan is not one of this wire, or the kind has no repeat.
 */
export function requestOf(kind: CardPurpose, plan: WireFields, card: WireCard, repeated: boolean): Message {
  const wire = readWire(plan);
  const fields: Partial<Record<FieldNumber, string>> = { ...plannedFields(plan).fields };
  fields[2] = card.number;
  fields[14] = String(card.expiryYear % 100).padStart(2, '0') + String(card.expiryMonth).padStart(2, '0');
  const { storedCredential, authorizationType, networkReference } = wire;
  const additional = encodeAdditionalData({
    ...(storedCredential === undefined ? {} : { storedCredential }),
    ...(authorizationType === undefined ? {} : { authorizationType }),
    ...(networkReference === undefined ? {} : { networkReference }),
    ...(carriesSecurityCode(kind) && card.cvv !== null && !isByMerchant(storedCredential)
      ? { cvv: card.cvv }
      : {}),
  });
  if (additional !== null) fields[48] = additional;
  return { type: repeated ? repeatType(wire.mti) : wire.mti, fields };
}

/**
 * What of a message is in its plan: all but the card. Enough to know its answer by, and to check it.
 * @throws RangeError when the plan is not one of this wire.
 */
export function plannedFields(plan: WireFields): Message {
  const wire = readWire(plan);
  const fields: Partial<Record<FieldNumber, string>> = {};
  for (const name of Object.keys(WIRE_FIELDS) as WireName[]) {
    const value = wire[name];
    if (value !== undefined) fields[WIRE_FIELDS[name]] = value;
  }
  return { type: wire.mti, fields };
}

function carriesSecurityCode(kind: CardPurpose): boolean {
  return kind === 'verification' || CARRIES_SECURITY_CODE[kind];
}

/** What the merchant begins never carries a security code: it was the customer's to give, once. */
function isByMerchant(storedCredential: string | undefined): boolean {
  return storedCredential?.startsWith('M') === true;
}

function repeatType(type: RequestType): RequestType {
  const repeat = REPEAT_TYPES[type];
  if (repeat === undefined) throw new RangeError(`a ${type} message cannot be repeated`);
  return repeat;
}

/**
 * What makes an answer the answer to a request: message class, STAN (11), transmission time (7),
 * institution (32) and terminal (41). Computed of a request it is the key its answer will have.
 */
export function exchangeKey({ type, fields }: Message): string {
  const answerType: MessageType = MESSAGE_TYPES[type] ?? type;
  return [answerType, fields[11], fields[7], fields[32], fields[41]].join('|');
}

/**
 * Reads the answer to `request` (they have the same exchange key) and checks it against the request:
 * reference (37), merchant account (42), amount (4) and currency (49) must agree, except that a
 * partial approval names a smaller amount. What does not agree is ambiguous: it may have been executed.
 *
 * An approval above the request is returned as approved with that amount and a reason: it is a fact
 * that has to be undone, not a doubt.
 */
export function readAnswer(kind: CardPurpose, request: Message, reply: Message, repeated: boolean): Answer {
  const code = reply.fields[39];
  let additional: AdditionalData;
  try {
    additional = reply.fields[48] === undefined ? {} : decodeAdditionalData(reply.fields[48]);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return doubt(code ?? null, `unparsable answer: ${error.message}`);
  }
  if (code === undefined) return doubt(null, 'the answer has no response code (field 39)');

  const asked = BigInt(request.fields[4] ?? '0');
  const classified = classifyReply({ kind, code, repeated, zeroAmount: asked === 0n });
  if (classified.outcome === 'ambiguous') return doubt(code, classified.reason ?? `response ${code}`);
  const disagreement = disagreementOf(request.fields, reply.fields);
  if (disagreement !== null) return doubt(code, disagreement);

  const granted = reply.fields[4] === undefined ? asked : BigInt(reply.fields[4]);
  const approved = classified.outcome === 'approved';
  const fault = granted === asked ? null : amountFault(kind, code, approved, asked, granted);
  if (fault !== null) return doubt(code, fault);
  const approvalCode = approved ? textOrNull(reply.fields[38]) : null;
  if (approved && needsApprovalCode(kind) && asked > 0n && approvalCode === null) {
    return doubt(code, 'approved without an approval code (field 38): it could never be captured');
  }
  return {
    outcome: classified.outcome,
    responseCode: code,
    approvalCode,
    networkReference: additional.networkReference ?? null,
    approvedAmount: approved ? granted : null,
    settlementDate: reply.fields[15] ?? null,
    validUntil: approved && kind === 'authorization' ? validUntilOf(additional) : null,
    remedy: classified.remedy,
    avsResult: additional.avsResult ?? null,
    cvvResult: additional.cvvResult ?? null,
    reason: approved && granted > asked ? 'approved_amount_above_request' : classified.reason,
  };
}

function needsApprovalCode(kind: CardPurpose): boolean {
  return kind === 'authorization' || kind === 'increment';
}

/** Element 71, YYMMDDhhmm in UTC. */
function validUntilOf({ validUntil }: AdditionalData): Date | null {
  const [, year, month, day, hour, minute] =
    /^(..)(..)(..)(..)(..)$/.exec(validUntil ?? '')?.map(Number) ?? [];
  if (year === undefined || month === undefined) return null;
  return new Date(Date.UTC(2000 + year, month - 1, day, hour, minute));
}

/** Null when the granted amount is one that this kind and code may name beside the request's. */
function amountFault(
  kind: CardPurpose,
  code: string,
  approved: boolean,
  asked: bigint,
  granted: bigint,
): string | null {
  const purchase = kind === 'authorization' || kind === 'sale';
  if (!approved || !purchase) return `the answer to a ${kind} names another amount (field 4)`;
  if (granted > asked) return null;
  if (code === '10' && granted > 0n) return null;
  return `response ${code} with amount ${granted} where ${asked} was asked for`;
}

/** Fields that an answer repeats: where they are there, they must be the request's. */
const ECHOED = { 3: 'processing code', 37: 'reference', 42: 'merchant account', 49: 'currency' } as const;

function disagreementOf(request: Fields, reply: Fields): string | null {
  for (const field of [3, 37, 42, 49] as const) {
    const value = reply[field];
    if (value !== undefined && value !== request[field])
      return `the answer names another ${ECHOED[field]} (field ${field})`;
  }
  if (reply[4] === undefined || reply[49] === undefined)
    return 'the answer names no amount or no currency (fields 4 and 49)';
  return null;
}

function textOrNull(value: string | undefined): string | null {
  const text = value?.trimEnd() ?? '';
  return text === '' ? null : text;
}

/** The answer that is none: it may have been executed. */
function doubt(responseCode: string | null, reason: string): Answer {
  return {
    outcome: 'ambiguous',
    responseCode,
    approvalCode: null,
    networkReference: null,
    approvedAmount: null,
    settlementDate: null,
    validUntil: null,
    remedy: null,
    avsResult: null,
    cvvResult: null,
    reason,
  };
}
