import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { open, seal } from './envelope.ts';
import { Tampered } from './key-errors.ts';

const KEY = randomBytes(32);
const CONTEXT = ['card', 'mer_1', 'card_1'];
const PLAINTEXT = Buffer.from('4111111111111111');
const sealed = () => seal(KEY, 'dk_1', CONTEXT, PLAINTEXT);

describe('an envelope', () => {
  it('opens to what was sealed, for any bytes and any context', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.array(fc.string()),
        fc.string(),
        (bytes, context, dataKey) => {
          expect(open(KEY, dataKey, context, seal(KEY, dataKey, context, bytes)).equals(bytes)).toBe(true);
        },
      ),
    );
  });

  it('never seals the same value to the same bytes, nor shows it', () => {
    expect(sealed().equals(sealed())).toBe(false);
    expect(sealed().includes(PLAINTEXT)).toBe(false);
  });

  it('does not open when any one bit of it was changed', () => {
    const whole = sealed();
    for (let bit = 0; bit < whole.byteLength * 8; bit += 1) {
      const changed = Buffer.from(whole);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(() => open(KEY, 'dk_1', CONTEXT, changed), `bit ${bit}`).toThrow(Tampered);
    }
  });

  it('does not open when it was cut short anywhere, in the middle of the nonce included', () => {
    const whole = sealed();
    for (let length = 0; length < whole.byteLength; length += 1) {
      expect(() => open(KEY, 'dk_1', CONTEXT, whole.subarray(0, length)), `${length} bytes`).toThrow(
        Tampered,
      );
    }
  });

  it.each([
    ['another owner', KEY, 'dk_1', ['card', 'mer_2', 'card_1']],
    ['another row of the same owner', KEY, 'dk_1', ['card', 'mer_1', 'card_2']],
    ['another kind of value', KEY, 'dk_1', ['staged_card', 'mer_1', 'card_1']],
    ['the same letters split elsewhere', KEY, 'dk_1', ['card', 'mer_1card', '_1']],
    ['another data-key id', KEY, 'dk_2', CONTEXT],
    ['another key', randomBytes(32), 'dk_1', CONTEXT],
  ])('does not open for %s', (_what, key, dataKey, context) => {
    expect(() => open(key, dataKey, context, sealed())).toThrow(Tampered);
  });
});
