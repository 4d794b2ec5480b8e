import { slopeOf } from '../support/statistics.ts';

/** Bytes of one thing at one moment, and how many payments had been made by then. */
export interface Reading {
  /** Since the soak began. */
  readonly hours: number;
  readonly payments: number;
  readonly bytes: number;
}

export type Trend = 'flat' | 'grows' | 'shrinks' | 'grows with payments';

export interface Judged {
  readonly first: number;
  readonly last: number;
  readonly highest: number;
  /** Bytes an hour, of the later two thirds: what a process takes once when it gets to work is no growth. */
  readonly perHour: number;
  /** Bytes a payment, of the same time. */
  readonly perPayment: number;
  readonly trend: Trend;
}

/** A change of less than this share of its size over those two thirds is flat, and so is one of a few pages of a heap. */
const FLAT_SHARE = 0.02;
const FLAT_BYTES = 2_000_000;

/**
 * What became of one thing over a soak.
 * @param keeps whether it is there to keep what payments leave: then growing with them is its work.
 * @throws RangeError of fewer than three readings.
 */
export function judge(readings: readonly Reading[], keeps: boolean): Judged {
  const [first] = readings;
  const last = readings.at(-1);
  if (first === undefined || last === undefined || readings.length < 3)
    throw new RangeError(`${readings.length} readings tell nothing: make the soak longer`);
  const settled = readings.slice(Math.floor(readings.length / 3));
  const perHour = slopeOf(settled.map(({ hours, bytes }) => ({ x: hours, y: bytes })));
  const perPayment = slopeOf(settled.map(({ payments, bytes }) => ({ x: payments, y: bytes })));
  const change = perHour * (last.hours - (settled[0]?.hours ?? 0));
  const limit = Math.max(last.bytes * FLAT_SHARE, FLAT_BYTES);
  return {
    first: first.bytes,
    last: last.bytes,
    highest: Math.max(...readings.map(({ bytes }) => bytes)),
    perHour,
    perPayment,
    trend:
      Math.abs(change) <= limit ? 'flat' : perHour < 0 ? 'shrinks' : keeps ? 'grows with payments' : 'grows',
  };
}
