/**
 * The commands of the README's quick start: the lines of its first sh block.
 * @throws Error when there is none.
 */
export function linesOfQuickStart(readme: string): readonly string[] {
  const [, section] = /^## Quick start$([\s\S]*?)(?=^## )/m.exec(readme) ?? [];
  const [, block] = /^```sh\n([\s\S]*?)^```$/m.exec(section ?? '') ?? [];
  if (block === undefined) throw new Error('README.md has no section "Quick start" with an sh block');
  return block.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
}
