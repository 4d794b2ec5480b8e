type Json = Readonly<Record<string, unknown>>;

/** What a version of the API that is not the newest differs in. Requests are the same in all of them. */
export interface OlderVersion {
  /** When it stopped being the newest. */
  readonly deprecated: Date;
  /** Until when it is answered. */
  readonly sunset: Date;
  /** An object of the newest version as this one had it. */
  readonly object: (object: Json) => Json;
  /** The schema of such an object, by its `object`. */
  readonly schema: (name: string, properties: Json) => Json;
}

export const NEWEST = '2026-11-01';

/** Objects that are payments, as they are called in the answers. */
const PAYMENT_SCHEMAS: ReadonlySet<string> = new Set(['Payment', 'PaymentDetails', 'ProcessingPayment']);

/** Older versions, newest first. Each turns an answer of the newest one back, and the payment of an event. */
const OLDER: { readonly '2026-05-01': OlderVersion } = {
  '2026-05-01': {
    deprecated: new Date('2026-11-01T00:00:00Z'),
    sunset: new Date('2027-11-01T00:00:00Z'),
    // `authorization_type` (`final` or `pre`) was `pre_authorization` (false or true).
    object: (object) => {
      if (object['object'] === 'payment')
        return renamed(
          object,
          'authorization_type',
          'pre_authorization',
          object['authorization_type'] === 'pre',
        );
      const { payment, ...rest } = (object['object'] === 'event' ? object['data'] : {}) as {
        payment?: Json;
      };
      return payment === undefined
        ? object
        : { ...object, data: { ...rest, payment: OLDER['2026-05-01'].object(payment) } };
    },
    schema: (name, properties) =>
      PAYMENT_SCHEMAS.has(name)
        ? renamed(properties, 'authorization_type', 'pre_authorization', { type: 'boolean' })
        : properties,
  },
};

/** A version of the merchant API, named by its date. */
export type Version = typeof NEWEST | keyof typeof OLDER;
export const VERSIONS = [NEWEST, ...Object.keys(OLDER)] as [Version, ...Version[]];
const older: Readonly<Partial<Record<string, OlderVersion>>> = OLDER;

/** In its place, so that an answer reads as it did. */
function renamed(object: Json, from: string, to: string, value: unknown): Json {
  return Object.fromEntries(
    Object.entries(object).map(([name, member]) => (name === from ? [to, value] : [name, member])),
  );
}

/** What that version differs in; null of the newest, and of a text that is no version. */
export function olderVersion(version: string): OlderVersion | null {
  return older[version] ?? null;
}

/** The body of an answer, or the page of a list, as that version had it; of the newest the very bytes. */
export function bodyIn(version: Version, body: string): string {
  const { [version]: old } = older;
  if (old === undefined || body === '') return body;
  const answer = JSON.parse(body) as Json;
  if (answer['object'] !== 'list') return JSON.stringify(old.object(answer));
  return JSON.stringify({ ...answer, data: (answer['data'] as readonly Json[]).map(old.object) });
}

/**
 * The body of an event, written in version `from`, as `version` has it; the very bytes where they are the
 * same. Null where this build cannot turn it: it knows neither of them, or `from` was not its newest. (A new
 * newest version says here how what was written before it is turned back.)
 */
export function eventIn(version: string, { from, body }: { from: string; body: string }): string | null {
  if (version === from) return body;
  const wanted = VERSIONS.find((known) => known === version);
  return wanted === undefined || from !== NEWEST ? null : bodyIn(wanted, body);
}
