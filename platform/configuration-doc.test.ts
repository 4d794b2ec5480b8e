import { expect, it } from 'vitest';
import { SETTINGS } from './config.ts';
import { PROCESS_SETTINGS } from './process-settings.ts';

/** docs/configuration.md is made from the tables of settings; `vitest run --update` writes it anew. */
it('docs/configuration.md says what the table of settings says', async () => {
  const usedBy = (name: string): string =>
    Object.entries(PROCESS_SETTINGS)
      .filter(([, names]) => (names as readonly string[]).includes(name))
      .map(([role]) => role)
      .join(', ');
  const rows = Object.entries(SETTINGS).map(([name, { env, unit, about, fallback, secret }]) => {
    const missing = fallback === null ? 'required' : fallback === '' ? 'none' : `\`${fallback}\``;
    return `| \`${env}\`${secret ? ' (secret)' : ''} | ${unit.replaceAll('|', '\\|')} | ${missing} | ${usedBy(name)} | ${about} |`;
  });
  const document = [
    '# Configuration',
    '',
    'Environment variables of our processes, from the one table in `platform/config.ts`. A process reads exactly those it needs, checks them at start, and names every one that is missing or malformed. The settings of the stack on one machine (`QUITTANCE_STACK_…`) are shown by `node dist/temporal-dev/up.js --help`.',
    '',
    '| Variable | Unit | Default | Used by | What it does |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
  await expect(document).toMatchFileSnapshot('../docs/configuration.md');
});
