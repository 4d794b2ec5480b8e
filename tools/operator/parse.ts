import { LOGIN_FORM } from '../../platform/login-form.ts';
import { readArguments, UsageError } from '../command-frame.ts';

const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export type OperatorCommand =
  | {
      readonly name: 'add';
      readonly login: string;
      readonly role: Role;
      readonly by: string;
      readonly fromStdin: boolean;
    }
  | { readonly name: 'password'; readonly login: string; readonly by: string; readonly fromStdin: boolean }
  | { readonly name: 'role'; readonly login: string; readonly role: Role; readonly by: string }
  | { readonly name: 'disable' | 'enable'; readonly login: string; readonly by: string }
  | { readonly name: 'list' }
  | { readonly name: 'help' };

export interface Parsed {
  readonly command: OperatorCommand;
  readonly url: string | null;
  readonly runFile: string | null;
}

const OPTIONS = {
  by: { type: 'string' },
  role: { type: 'string' },
  'password-stdin': { type: 'boolean' },
  url: { type: 'string' },
  'run-file': { type: 'string' },
  help: { type: 'boolean' },
} as const;

/** @throws UsageError */
export function parseCommand(args: readonly string[]): Parsed {
  const { values, positionals } = readArguments({
    args: [...args],
    options: OPTIONS,
    allowPositionals: true,
  });
  if (values.help === true || positionals.length === 0)
    return { command: { name: 'help' }, url: null, runFile: null };
  if (values.url !== undefined && values['run-file'] !== undefined)
    throw new UsageError('either --url or --run-file, not both');
  return {
    command: commandOf(positionals, values),
    url: values.url ?? null,
    runFile: values['run-file'] ?? null,
  };
}

function commandOf(
  positionals: readonly string[],
  values: { readonly by?: string; readonly role?: string; readonly 'password-stdin'?: boolean },
): OperatorCommand {
  const [name, login, ...more] = positionals;
  if (more.length > 0 || (name === 'list' && login !== undefined))
    throw new UsageError(`${positionals.slice(1).join(' ')} is too much: a command takes one login`);
  if (name === 'list') return { name };
  const person = () => personOf(`${name ?? ''} needs a login, such as`, login);
  const by = () => personOf('--by says who does this, such as', values.by);
  const fromStdin = values['password-stdin'] === true;
  switch (name) {
    case 'add':
      return { name, login: person(), role: roleOf(values.role), by: by(), fromStdin };
    case 'password':
      return { name, login: person(), by: by(), fromStdin };
    case 'role':
      return { name, login: person(), role: roleOf(values.role), by: by() };
    case 'disable':
    case 'enable':
      return { name, login: person(), by: by() };
    case undefined:
    default:
      throw new UsageError(`${name ?? ''} is not add, password, role, disable, enable or list`);
  }
}

function personOf(what: string, login: string | undefined): string {
  if (login === undefined || !LOGIN_FORM.test(login))
    throw new UsageError(`${what} anna or anna@example.com, in lower case`);
  return login;
}

function roleOf(given: string | undefined): Role {
  const role = ROLES.find((known) => known === given);
  if (role === undefined) throw new UsageError(`--role is one of ${ROLES.join(', ')}`);
  return role;
}
