import type { WireFields } from '../../../workflows/ports/wire.ts';
import type { FieldNumber, RequestType } from './fields.ts';

/**
 * The names in an attempt's `wire` column, and the field each becomes. All values are stored exactly
 * as they are sent, filling included, so that a repeat is byte-equal even after an upgrade. Beside them a
 * plan may carry `storedCredential`, `authorizationType` and `networkReference`, which go into field 48.
 */
export const WIRE_FIELDS = {
  processingCode: 3,
  amount: 4,
  transmissionAt: 7,
  stan: 11,
  localTime: 12,
  localDate: 13,
  mcc: 18,
  entryMode: 22,
  conditionCode: 25,
  institution: 32,
  forwarder: 33,
  rrn: 37,
  approvalCode: 38,
  terminal: 41,
  merchantAccount: 42,
  acceptor: 43,
  currency: 49,
  originalElements: 90,
  replacementAmounts: 95,
} as const satisfies Record<string, FieldNumber>;

export type WireName = keyof typeof WIRE_FIELDS;

/** The wire of our dialect: the message type, what every message has, and what some have. */
export interface Iso8583Wire extends WireFields {
  readonly mti: RequestType;
  readonly processingCode: string;
  readonly amount: string;
  readonly transmissionAt: string;
  readonly stan: string;
  readonly institution: string;
  readonly forwarder: string;
  readonly rrn: string;
  readonly terminal: string;
  readonly merchantAccount: string;
  readonly currency: string;
}

const REQUIRED = [
  'processingCode',
  'amount',
  'transmissionAt',
  'stan',
  'institution',
  'forwarder',
  'rrn',
  'terminal',
  'merchantAccount',
  'currency',
] as const satisfies readonly WireName[];

/** The types an attempt is first sent with; its repeats have their own. */
const FIRST_TYPES = ['0100', '0200', '0220', '0400', '0420'] as const;

/** @throws RangeError naming what is missing: the row was not written by this wire's planner. */
export function readWire(wire: WireFields): Iso8583Wire {
  const missing = REQUIRED.filter((name) => wire[name] === undefined);
  if (missing.length > 0) throw new RangeError(`the plan lacks ${missing.join(', ')}`);
  if (!(FIRST_TYPES as readonly (string | undefined)[]).includes(wire['mti'])) {
    throw new RangeError(
      `the plan's message type ${wire['mti'] ?? '(none)'} is none that an attempt is sent with`,
    );
  }
  return wire as Iso8583Wire;
}
