/** npm run histories:verify: holds every exported history against its checksum. See HELP. */
import { ENDED, readArguments, runCommand } from './command-frame.ts';
import { openTemporal } from './temporal-access.ts';

const HELP = `npm run histories:verify

Reads every history that was exported, from the bucket or folder that the settings name, and holds it
against the checksum that was recorded when it was written. Nothing is changed.

  --run-file FILE   run.json of a running stack (default: .quittance/run.json of this checkout; where there
                    is none, the settings of docs/configuration.md)
  --quiet           no progress

Ends with 0 when all are there and whole, 1 when one is not (each is named), 2 when what was typed is not a
command, and 3 when the database or the store did not answer.
`;

const WRONG_TOLD_MAX = 100;

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(HELP);
    return ENDED.done;
  }
  const { values } = readArguments({
    args: [...args],
    options: { 'run-file': { type: 'string' }, quiet: { type: 'boolean', default: false } },
  });
  const temporal = await openTemporal(values['run-file'] ?? null, 'histories-verify');
  try {
    const { recorded, wrong, unrecorded } = await temporal.exported.verify((done) => {
      if (!values.quiet) process.stderr.write(`${done} looked at\n`);
    });
    for (const one of wrong.slice(0, WRONG_TOLD_MAX)) process.stdout.write(`${one}\n`);
    if (wrong.length > WRONG_TOLD_MAX) process.stdout.write(`… and ${wrong.length - WRONG_TOLD_MAX} more\n`);
    process.stdout.write(
      `${recorded} exported histories: ${recorded - wrong.length} are whole, ${wrong.length} are not; ${unrecorded} objects are in no record\n`,
    );
    return wrong.length === 0 ? ENDED.done : ENDED.refused;
  } finally {
    await temporal.close();
  }
}

await runCommand('histories:verify', main);
