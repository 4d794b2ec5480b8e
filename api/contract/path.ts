/** What the names in paths stand for. Whatever does not look like one of them is answered 404. */
export const PATH_PARAMETERS = {
  payment: { description: 'Id of a payment.', pattern: '^pay_[0-7][0-9a-hjkmnp-tv-z]{25}$' },
  verification: { description: 'Id of a card verification.', pattern: '^ver_[0-7][0-9a-hjkmnp-tv-z]{25}$' },
  token: { description: 'A one-time card token.', pattern: '^ctok_[0-9a-hjkmnp-tv-z]{26}$' },
  card: { description: 'Token of a stored card.', pattern: '^card_[0-9a-hjkmnp-tv-z]{26}$' },
  review: { description: 'Id of a review.', pattern: '^rev_[0-7][0-9a-hjkmnp-tv-z]{25}$' },
  customer: { description: 'Id of a customer.', pattern: '^cus_[0-7][0-9a-hjkmnp-tv-z]{25}$' },
  capture: { description: 'Id of a capture.', pattern: '^cap_[0-7][0-9a-hjkmnp-tv-z]{25}$' },
  refund: { description: 'Id of a refund.', pattern: '^ref_[0-7][0-9a-hjkmnp-tv-z]{25}$' },
  event: { description: 'Id of an event.', pattern: '^evt_[0-7][0-9a-hjkmnp-tv-z]{25}$' },
  endpoint: { description: 'Id of a webhook endpoint.', pattern: '^whe_[0-7][0-9a-hjkmnp-tv-z]{25}$' },
  delivery: { description: 'Id of a delivery.', pattern: '^dlv_[0-9a-z]{26}_[0-9a-z]{26}(_r[1-9][0-9]*)?$' },
  key: { description: 'Id of an API key.', pattern: '^key_[0-7][0-9a-hjkmnp-tv-z]{25}$' },
  client: { description: 'Id of an OAuth client.', pattern: '^oac_[0-7][0-9a-hjkmnp-tv-z]{25}$' },
  secret: { description: 'Id of a signing secret.', pattern: '^sgs_[0-7][0-9a-hjkmnp-tv-z]{25}$' },
  account: {
    description: 'Id of a ledger account, such as merchant_payable.pending.EUR.',
    pattern: '^[a-z_]+(\\.[A-Za-z0-9_-]+)?\\.[A-Z]{3}$',
  },
  transaction: { description: 'Id of a ledger transaction.', pattern: '^ltx_[1-9][0-9]*$' },
} as const satisfies Record<string, { readonly description: string; readonly pattern: string }>;
export type PathParameter = keyof typeof PATH_PARAMETERS;

const NAME = /:([a-z]+)/g;

/** An express pattern as OpenAPI writes it: `/v1/payments/{payment}`. */
export function pathTemplate(path: string): string {
  return path.replaceAll(NAME, '{$1}');
}

/** @throws Error when a name of the path is not in the table. */
export function pathParameters(path: string): PathParameter[] {
  return [...path.matchAll(NAME)].map(([, name = '']) => {
    if (!Object.hasOwn(PATH_PARAMETERS, name))
      throw new Error(`the parameter ${name} of ${path} is not in PATH_PARAMETERS`);
    return name as PathParameter;
  });
}
