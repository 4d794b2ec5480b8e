import { foreignEnvironment } from '../../platform/config.ts';
import { sharedPartsFolder, temporalProgram } from '../parts/programs.ts';
import { loadStackSettings } from '../settings.ts';

/** The path of Temporal's own program, as stacks use it: for what a stranger could type. */
export const temporalCommand = (): Promise<string> =>
  temporalProgram({
    partsFolder: sharedPartsFolder(loadStackSettings().partsFolder),
    env: foreignEnvironment(),
    say: () => undefined,
  });
