import { describe, expect, it } from 'vitest';
import { hashPassword, isPassword } from './password.ts';

describe('a stored password', () => {
  it('is known by its own password alone, whoever typed it on what keyboard', async () => {
    const stored = await hashPassword('correct horse é');
    expect(await isPassword('correct horse é', stored)).toBe(true);
    expect(await isPassword('correct horse é'.normalize('NFD'), stored)).toBe(true);
    expect(await isPassword('correct horse', stored)).toBe(false);
    expect(await isPassword('', stored)).toBe(false);
  });

  it('looks different each time, and holds nothing of the password', async () => {
    const [one, other] = await Promise.all([hashPassword('battery staple'), hashPassword('battery staple')]);
    expect(one).not.toBe(other);
    expect(one).toMatch(/^scrypt\$15\$8\$3\$/);
    expect(one).not.toContain('battery');
  });

  it('is nobody’s where there is nobody, not even with an empty one', async () => {
    expect(await isPassword('', null)).toBe(false);
  });

  it('that is not of our form is an error, never a yes', async () => {
    await expect(isPassword('x', 'plain$x')).rejects.toThrow('set the password anew');
  });
});
