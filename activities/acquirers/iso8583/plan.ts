import { CURRENCIES, isCurrency } from '../../../workflows/domain/currencies.ts';
import type { AttemptKind } from '../../../workflows/domain/outcome.ts';
import type {
  AcquirerAccount,
  Iso8583Account,
  PlanRequest,
  VerificationPlan,
  WireFields,
  WirePlanner,
} from '../../../workflows/ports/wire.ts';
import { ISO8583_CAPABILITIES } from './capabilities.ts';
import type { RequestType } from './fields.ts';
import { readWire, type Iso8583Wire } from './wire.ts';

/** Where numbers come from that may be used once. */
export interface NumberSource {
  /** The next STAN of a terminal, 6 digits. */
  stan(series: NumberSeries, terminal: string): Promise<string>;
  /** The next serial of the institution for retrieval reference numbers, 8 digits. */
  referenceSerial(series: NumberSeries): Promise<string>;
}

/** Whose numbers: every terminal of an institution has its own. */
export interface NumberSeries {
  readonly acquirer: string;
  readonly institution: string;
}

const MESSAGE_TYPE_OF = {
  authorization: '0100',
  sale: '0200',
  increment: '0100',
  capture: '0220',
  void: '0400',
  partial_void: '0400',
  refund: '0200',
  reversal: '0420',
} as const satisfies Record<AttemptKind, RequestType>;

/** Field 48, element 22: by the merchant, incremental, subsequent. */
const INCREMENTAL = 'MXS';
/** By the merchant, reauthorization, subsequent. */
const REAUTHORIZATION = 'MAS';
/** Field 48, element 61. */
const PRE_AUTHORIZATION = 'P';

const PURCHASE = '000000';
/** Return of goods, to the cardholder's default account. */
const REFUND = '200000';
/** The number was keyed, by the cardholder; no PIN can be entered. */
const KEYED = '012';
/** Electronic commerce. */
const ECOMMERCE = '59';
/** Field 25: verify the account number, authorize nothing; field 4 is zero. */
const VERIFY_ONLY = '51';

const AMOUNT_MAX = 999_999_999_999n;

/** Plans the wire references of attempts in our ISO 8583 dialect. */
export function createIso8583Planner({ blocks }: { readonly blocks: NumberSource }): WirePlanner {
  let turn = 0;

  function nextTerminal({ terminals }: Iso8583Account): string {
    turn += 1;
    const terminal = terminals[turn % terminals.length];
    if (terminal === undefined) throw new RangeError('the account has no terminal (field 41)');
    return terminal;
  }

  async function plan(request: PlanRequest): Promise<WireFields> {
    const { account, kind, at, original } = request;
    const iso = iso8583Of(account);
    const followed = followedBy(request);
    // A follow-up comes from the terminal of what it follows: the acquirer finds it there.
    const terminal = followed?.terminal ?? fill(nextTerminal(iso), 8);
    const series = { acquirer: account.acquirer, institution: iso.institution };
    const stan = await blocks.stan(series, terminal.trimEnd());
    // One reference per authorization, carried by all that follows it; a refund has its own.
    const rrn =
      followed === null || kind === 'refund'
        ? referenceOf(at, await blocks.referenceSerial(series))
        : followed.rrn;
    const { transmissionAt, localDate, localTime } = timesOf(at);
    return {
      mti: MESSAGE_TYPE_OF[kind],
      processingCode: kind === 'refund' ? REFUND : (followed?.processingCode ?? PURCHASE),
      amount: digits(fieldFour(request), 12),
      transmissionAt,
      stan,
      localTime,
      localDate,
      mcc: account.mcc,
      entryMode: KEYED,
      conditionCode: ECOMMERCE,
      institution: iso.institution,
      // No switch of another company stands between us and the acquirer.
      forwarder: iso.institution,
      rrn,
      terminal,
      merchantAccount: fill(account.merchantAccount, 15),
      acceptor: fill(iso.acceptorName, 40),
      currency: numericCode(request.currency),
      ...(original?.approvalCode == null ? {} : { approvalCode: fill(original.approvalCode, 6) }),
      ...(followed === null || kind === 'capture' || kind === 'increment'
        ? {}
        : { originalElements: originalElements(followed) }),
      ...(kind === 'partial_void'
        ? { replacementAmounts: digits(remainingOf(request), 12) + '0'.repeat(30) }
        : {}),
      ...(kind === 'authorization' && request.authorizationType === 'pre'
        ? { authorizationType: PRE_AUTHORIZATION }
        : {}),
      ...storedCredentialOf(request),
    };
  }

  /** An authorization request (0100) of nothing, that says so in its condition code. */
  async function planVerification({ account, currency, at }: VerificationPlan): Promise<WireFields> {
    const standing = { authorized: 0n, captured: 0n };
    const request = { account, kind: 'authorization', amount: 0n, currency, at } as const;
    return {
      ...(await plan({ ...request, original: null, remaining: null, standing })),
      conditionCode: VERIFY_ONLY,
    };
  }
  return { plan, planVerification, capabilities: ISO8583_CAPABILITIES };
}

function iso8583Of({ id, iso8583 }: AcquirerAccount): Iso8583Account {
  if (iso8583 === null)
    throw new RangeError(`account ${id} has no institution and terminals: it is none of this wire`);
  return iso8583;
}

/** What tells the issuer that the merchant goes on with what the customer began. */
function storedCredentialOf({ kind, original, renews }: PlanRequest): Readonly<Record<string, string>> {
  const earlier = kind === 'increment' ? original : kind === 'authorization' ? renews : null;
  if (earlier == null) return {};
  return {
    storedCredential: kind === 'increment' ? INCREMENTAL : REAUTHORIZATION,
    ...(earlier.networkReference == null ? {} : { networkReference: earlier.networkReference }),
  };
}

/** What the attempt follows; a first attempt follows nothing, a capture needs the approval it captures. */
function followedBy({ kind, original }: PlanRequest): Iso8583Wire | null {
  switch (kind) {
    case 'authorization':
    case 'sale':
      if (original !== null) throw new RangeError(`a ${kind} follows no other attempt`);
      return null;
    case 'increment':
    case 'capture':
      if (original?.approvalCode == null)
        throw new RangeError(`${kind} needs the approval code (field 38) of its authorization`);
      return readWire(original.wire);
    case 'void':
    case 'partial_void':
    case 'refund':
    case 'reversal':
      if (original === null) throw new RangeError(`a ${kind} needs the attempt it follows`);
      return readWire(original.wire);
  }
}

/**
 * A void names all that is authorized, increments included, and field 95 what is left of it; a reversal
 * names the amount of the one message that it undoes.
 */
function fieldFour({ kind, amount, original, authorized }: PlanRequest): bigint {
  switch (kind) {
    case 'authorization':
    case 'sale':
    case 'increment':
    case 'capture':
    case 'refund':
      return amount;
    case 'void':
    case 'partial_void':
    case 'reversal':
      return authorized ?? original?.amount ?? amount;
  }
}

function remainingOf(request: PlanRequest): bigint {
  const { remaining } = request;
  if (remaining === null) throw new RangeError('a partial void needs what stays afterwards (field 95)');
  const whole = fieldFour(request);
  if (remaining >= whole) {
    throw new RangeError(`a partial void that leaves ${remaining} of ${whole} releases nothing`);
  }
  return remaining;
}

/** Field 90: message type, STAN, transmission time and the two institutions of the original, zero-filled on the left. */
function originalElements({ mti, stan, transmissionAt, institution, forwarder }: Iso8583Wire): string {
  return mti + stan + transmissionAt + institution.padStart(11, '0') + forwarder.padStart(11, '0');
}

/** Last digit of the year and day of the year, then the serial: unique for ten years, readable by people. */
function referenceOf(at: Date, serial: string): string {
  const day = Math.floor((at.getTime() - Date.UTC(at.getUTCFullYear(), 0, 1)) / 86_400_000) + 1;
  return `${at.getUTCFullYear() % 10}${String(day).padStart(3, '0')}${serial}`;
}

/** Our terminals are servers: their local time is UTC. */
function timesOf(at: Date): { transmissionAt: string; localDate: string; localTime: string } {
  const iso = at.toISOString();
  const localDate = iso.slice(5, 7) + iso.slice(8, 10);
  const localTime = iso.slice(11, 13) + iso.slice(14, 16) + iso.slice(17, 19);
  return { transmissionAt: localDate + localTime, localDate, localTime };
}

function numericCode(currency: string): string {
  if (!isCurrency(currency)) throw new RangeError(`${currency} is not an active ISO 4217 currency`);
  return CURRENCIES[currency].numeric;
}

function digits(amount: bigint, length: number): string {
  if (amount < 0n || amount > AMOUNT_MAX) throw new RangeError(`amount ${amount} does not fit field 4 (n12)`);
  return amount.toString().padStart(length, '0');
}

function fill(text: string, length: number): string {
  if (text.length > length)
    throw new RangeError(`"${text}" is longer than the ${length} characters of its field`);
  return text.padEnd(length, ' ');
}
