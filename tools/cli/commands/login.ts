import type { Command } from 'commander';
import { createClient } from '../../../clients/typescript/index.ts';
import { contextOf, type Surroundings } from '../context.ts';
import { EXIT, Failure } from '../failure.ts';
import { keyOf, ofRunFile, randomSecret, readSaved, save } from '../session.ts';
import { join } from 'node:path';

/** `login`: whom the other commands speak for. Nothing is kept that the API does not know. */
export function addLogin(program: Command, surroundings: Surroundings): void {
  program
    .command('login')
    .summary('keep an address and a key for the other commands')
    .description(
      'Keeps an address and a key for the other commands, in a file that only you can read: those of a running stack (--run-file, or that of this checkout), or --api URL with --key sk_…, or with the key in QUITTANCE_API_KEY, where no list of processes shows it.',
    )
    .action(async (_, command: Command) => {
      const { options, configPath, checkout, keyInEnvironment, print } = contextOf<object>(
        command,
        surroundings,
      );
      const { api, runFile } = options;
      const key = keyOf(options, keyInEnvironment);
      if ((api === undefined) !== (key === undefined))
        throw new Failure(
          'say both --api URL and --key sk_… (or QUITTANCE_API_KEY), or --run-file FILE',
          EXIT.misused,
        );
      const found =
        api !== undefined && key !== undefined
          ? { api, apiKey: key, from: 'the command line' }
          : await ofRunFile(runFile ?? join(checkout, '.quittance', 'run.json'));
      // One that is not taken is told now, not by the next command.
      await createClient({ baseUrl: found.api, apiKey: found.apiKey, retries: { attempts: 2 } })
        .payments.list({ limit: 1 })
        .page();
      const before = await readSaved(configPath).catch(() => null);
      await save(configPath, {
        api: found.api,
        apiKey: found.apiKey,
        forwardSecret: before?.forwardSecret ?? randomSecret(),
      });
      const hint = `${found.apiKey.slice(0, 8)}…${found.apiKey.slice(-4)}`;
      print(
        { api: found.api, key: hint, file: configPath },
        () => `logged in at ${found.api} with ${hint} (kept in ${configPath})\n`,
      );
    });
}
