import { Argument, type Command } from 'commander';
import type { Surroundings } from '../context.ts';
import { TRIGGERABLE } from '../triggers.ts';

/** `completion bash|zsh`: a script for the shell, made from the commands themselves. */
export function addCompletion(program: Command, { terminal }: Surroundings): void {
  program
    .command('completion')
    .description(
      'Prints a completion script: eval "$(quittance completion bash)" in ~/.bashrc, or zsh in ~/.zshrc.',
    )
    .addArgument(new Argument('<shell>', 'which').choices(['bash', 'zsh']))
    .action((shell: 'bash' | 'zsh') => {
      terminal.out(
        shell === 'zsh' ? `autoload -U +X bashcompinit && bashcompinit\n${script(program)}` : script(program),
      );
    });
}

/** What can follow each command, by its words. */
function* choices(
  command: Command,
  path: string,
): Generator<readonly [path: string, words: readonly string[]]> {
  const help = command.createHelp();
  const subcommands = help.visibleCommands(command);
  const options = [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)];
  yield [
    path,
    [
      ...subcommands.map((one) => one.name()),
      ...(path === ' trigger' ? TRIGGERABLE : []),
      ...command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices),
      ...options.flatMap(({ long }) => (long === undefined ? [] : [long])),
    ],
  ];
  for (const one of subcommands) if (one.name() !== 'help') yield* choices(one, `${path} ${one.name()}`);
}

function script(program: Command): string {
  program.configureHelp({ ...program.configureHelp(), showGlobalOptions: true });
  const known = [...choices(program, '')];
  const paths = known.flatMap(([path]) => (path === '' ? [] : [`"${path}"`]));
  return `_quittance() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" words="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path $word" in ${paths.join('|')}) path="$path $word" ;; esac
  done
  case "$path" in
${known.map(([path, words]) => `    "${path}") words="${words.join(' ')}" ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _quittance quittance
`;
}
