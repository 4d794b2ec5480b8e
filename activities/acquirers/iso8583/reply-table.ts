import type { Remedy } from '../../../workflows/domain/outcome.ts';

/**
 * What each response code (field 39) means. Data, with where it is from and when it was last compared.
 *
 * - approved: the request is granted
 * - declined: certainly not executed, with the remedy
 * - unknown: the answer does not say whether it was executed
 *
 * Only `other_route` allows another acquirer (payment-rules: declines carry a remedy).
 */
export type ReplyMeaning =
  | { readonly meaning: 'approved'; readonly text: string }
  | { readonly meaning: 'declined'; readonly remedy: Remedy; readonly text: string }
  | { readonly meaning: 'unknown'; readonly text: string };

const approved = (text: string): ReplyMeaning => ({ meaning: 'approved', text });
const declined = (remedy: Remedy, text: string): ReplyMeaning => ({ meaning: 'declined', remedy, text });
const unknown = (text: string): ReplyMeaning => ({ meaning: 'unknown', text });

export const REPLY_TABLE: {
  readonly asOf: string;
  readonly source: string;
  readonly rows: Readonly<Record<string, ReplyMeaning>>;
} = {
  asOf: '2025-11-01',
  source:
    'texts: ISO 8583:1987, annex A; 1A, N7, R0, R1, R3, 82: Visa; remedy never: Visa decline category 1 (from memory, compare with the current rules of each scheme before going live)',
  rows: {
    '00': approved('approved or completed successfully'),
    '01': declined('none', 'refer to card issuer'),
    '02': declined('none', 'refer to card issuer, special condition'),
    '03': declined('other_route', 'invalid merchant'),
    '04': declined('never', 'pick up card'),
    '05': declined('none', 'do not honor'),
    '06': unknown('error'),
    '07': declined('never', 'pick up card, special condition'),
    '08': approved('honor with identification'),
    '09': unknown('request in progress'),
    '10': approved('approved for a partial amount'),
    '11': approved('approved, VIP'),
    '12': declined('never', 'invalid transaction'),
    '13': declined('fix_data', 'invalid amount'),
    '14': declined('fix_data', 'invalid card number'),
    '15': declined('never', 'no such issuer'),
    '17': declined('none', 'customer cancellation'),
    '19': declined('later', 're-enter transaction'),
    '21': declined('none', 'no action taken, unable to back out the transaction'),
    '25': declined('none', 'unable to locate the record'),
    '30': declined('none', 'format error'),
    '31': declined('none', 'bank not supported by switch'),
    '33': declined('never', 'expired card, pick up'),
    '34': declined('never', 'suspected fraud, pick up'),
    '36': declined('never', 'restricted card, pick up'),
    '38': declined('never', 'PIN tries exceeded, pick up'),
    '39': declined('none', 'no credit account'),
    '40': declined('none', 'requested function not supported'),
    '41': declined('never', 'lost card, pick up'),
    '42': declined('none', 'no universal account'),
    '43': declined('never', 'stolen card, pick up'),
    '46': declined('never', 'closed account'),
    '51': declined('later', 'not sufficient funds'),
    '52': declined('none', 'no checking account'),
    '53': declined('none', 'no savings account'),
    '54': declined('fix_data', 'expired card'),
    '55': declined('fix_data', 'incorrect PIN'),
    '56': declined('none', 'no card record'),
    '57': declined('never', 'transaction not permitted to cardholder'),
    '58': declined('other_route', 'transaction not permitted to terminal'),
    '59': declined('none', 'suspected fraud'),
    '61': declined('later', 'exceeds withdrawal amount limit'),
    '62': declined('none', 'restricted card'),
    '63': declined('none', 'security violation'),
    '64': declined('none', 'original amount incorrect'),
    '65': declined('later', 'exceeds withdrawal frequency limit'),
    '67': declined('never', 'hard capture, pick up at the machine'),
    '68': unknown('response received too late'),
    '75': declined('none', 'PIN tries exceeded'),
    '78': declined('none', 'account not activated'),
    '82': declined('fix_data', 'card verification value is wrong'),
    '90': declined('later', 'cutoff is in process'),
    '91': declined('other_route', 'issuer or switch is inoperative'),
    '92': declined('other_route', 'no route to the issuer'),
    '93': declined('none', 'would violate the law'),
    '94': unknown('duplicate transmission'),
    '96': unknown('system malfunction'),
    '1A': declined('authenticate', 'additional customer authentication required'),
    N7: declined('fix_data', 'card verification value is wrong'),
    R0: declined('never', 'cardholder stopped this payment'),
    R1: declined('never', 'cardholder revoked the agreement'),
    R3: declined('never', 'cardholder revoked all agreements'),
  },
};
