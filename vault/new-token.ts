import { randomBytes } from 'node:crypto';
import type { CardToken, StagingId } from '../workflows/domain/ids.ts';

/** Crockford's base32, lower case: no i, l, o, u. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const LENGTH = 26;

/** 26 characters of 5 random bits: 130 bits. (A TypeID is a UUIDv7, with 74: enough for an id, not for a token.) */
function randomSuffix(): string {
  let suffix = '';
  for (const byte of randomBytes(LENGTH)) suffix += ALPHABET.charAt(byte & 31);
  return suffix;
}

/** Says nothing about the card: opaque, random, belongs to one merchant. */
export function newCardToken(): CardToken {
  return `card_${randomSuffix()}` as CardToken;
}

/** A one-time id of a staged card. As hard to guess as a token: holding it is what lets a payment take the card. */
export function newStagingId(): StagingId {
  return `stg_${randomSuffix()}` as StagingId;
}

/** What a page gets for a card: good for one payment, for a short time. */
export function newOneTimeToken(): string {
  return `ctok_${randomSuffix()}`;
}

/** The id of a data key; public, only unique. */
export function newDataKeyId(): string {
  return `dk_${randomSuffix()}`;
}

export const TOKEN_PATTERN = new RegExp(`^card_[${ALPHABET}]{${LENGTH}}$`);
/** A one-time token, or a stored card's. */
export const CARD_TOKEN_PATTERN = new RegExp(`^(?:ctok|card)_[${ALPHABET}]{${LENGTH}}$`);
export const STAGING_PATTERN = new RegExp(`^stg_[${ALPHABET}]{${LENGTH}}$`);
