/** What a key may be allowed to do. None holds another: a key has exactly those that it was given. */
export const SCOPES = {
  read: 'Get and list everything but API keys, OAuth clients and what requests are signed with.',
  payments: 'Create, capture, increment, reauthorize and void payments.',
  refunds: 'Refund payments.',
  payouts: 'Pay out (no operation needs it yet).',
  admin: 'Manage API keys, OAuth clients, signed requests and webhook endpoints.',
} as const;
export type Scope = keyof typeof SCOPES;
export const ALL_SCOPES = Object.keys(SCOPES) as [Scope, ...Scope[]];
