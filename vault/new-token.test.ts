import { describe, expect, it } from 'vitest';
import { newCardToken, newDataKeyId, newStagingId, STAGING_PATTERN, TOKEN_PATTERN } from './new-token.ts';

describe('a token', () => {
  it('has its prefix and 26 characters of base32, as the database checks', () => {
    expect(newCardToken()).toMatch(TOKEN_PATTERN);
    expect(newStagingId()).toMatch(STAGING_PATTERN);
    expect(newDataKeyId()).toMatch(/^dk_[0-9a-hjkmnp-tv-z]{26}$/);
  });

  it('draws every character of every place: 130 random bits, none fixed', () => {
    const seen = Array.from({ length: 26 }, () => new Set<string>());
    for (let n = 0; n < 2_000; n += 1) {
      Array.from(newCardToken().slice('card_'.length)).forEach((character, place) =>
        seen[place]?.add(character),
      );
    }
    expect(seen.map((characters) => characters.size)).toEqual(Array.from({ length: 26 }, () => 32));
  });
});
