import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { wholeNumber } from '../../temporal-dev/option-numbers.ts';
import { newStackFolder, removeStack, startStack } from '../../temporal-dev/start-stack.ts';
import { cellsOf } from './cells.ts';
import { OPERATIONS } from './ends.ts';
import { FAULT_NAMES, FAULTS } from './faults.ts';
import { runWire, type WireResult } from './matrix.ts';
import { problemOf, renderTable } from './report.ts';
import type { CellResult } from './run-cell.ts';
import { shuffled } from './shuffle.ts';
import { WIRES } from './wires/index.ts';

const HELP = `npm run proof:acquirers -- [options]

Does every fault that the acquirer simulators know to every operation on every wire, on the real stack, and
holds what the merchant sees, our record and the books against the acquirer's own journal.

  --wire NAME,…        of ${WIRES.map(({ id }) => id).join(', ')} (default: all)
  --fault NAME,…       of the faults below (default: all)
  --operation NAME,…   of ${OPERATIONS.join(', ')} (default: all)
  --repeat N           each of them so often (default 1)
  --seed N             of the order in which they are done (default: drawn, and printed)
  --in-flight N        under way at once on one wire (default 16)
  --deadline-s N       how long one may take (default 120)
  --run-file FILE      run.json of a running stack; one of its own is started where there is none
  --call-limit-ms N    how long that stack waits for an acquirer (default 8000 with --run-file, else 3000)
  --help

${FAULT_NAMES.map((name) => `  ${name.padEnd(20)} ${FAULTS[name].about}`).join('\n')}

Ends with 0 when everything agrees, with 1 when something does not.
`;

interface Options {
  readonly wires: readonly string[] | undefined;
  readonly faults: readonly string[] | undefined;
  readonly operations: readonly string[] | undefined;
  readonly repeat: number;
  readonly seed: number;
  readonly inFlight: number;
  readonly deadlineMs: number;
  readonly runFile: string | null;
  readonly callLimitMs: number;
}

/** @returns null when help was asked for. @throws Error that says which argument is wrong. */
function readOptions(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      wire: { type: 'string' },
      fault: { type: 'string' },
      operation: { type: 'string' },
      repeat: { type: 'string', default: '1' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
      'in-flight': { type: 'string', default: '16' },
      'deadline-s': { type: 'string', default: '120' },
      'run-file': { type: 'string' },
      'call-limit-ms': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const names = (name: string, text: string | undefined, known: readonly string[]) => {
    const given = text?.split(',');
    const wrong = given?.find((one) => !known.includes(one));
    if (wrong !== undefined) throw new Error(`--${name} ${wrong}: one of ${known.join(', ')}`);
    return given;
  };
  const { 'run-file': runFile, 'call-limit-ms': callLimit } = values;
  return {
    wires: names(
      'wire',
      values.wire,
      WIRES.map(({ id }) => id),
    ),
    faults: names('fault', values.fault, FAULT_NAMES),
    operations: names('operation', values.operation, OPERATIONS),
    repeat: wholeNumber('repeat', values.repeat, 1),
    seed: wholeNumber('seed', values.seed, 0),
    inFlight: wholeNumber('in-flight', values['in-flight'], 1),
    deadlineMs: wholeNumber('deadline-s', values['deadline-s'], 1) * 1_000,
    runFile: runFile === undefined ? null : resolve(runFile),
    callLimitMs: wholeNumber('call-limit-ms', callLimit ?? (runFile === undefined ? '3000' : '8000'), 100),
  };
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options === null) {
    process.stdout.write(HELP);
    return 0;
  }
  const stack = await openStack(options);
  try {
    return await prove(options, stack.runPath);
  } finally {
    await stack.close();
  }
}

async function prove(options: Options, runPath: string): Promise<number> {
  const { wires, faults, operations, repeat, seed, callLimitMs, inFlight, deadlineMs } = options;
  const chosen = WIRES.filter(({ id }) => wires?.includes(id) ?? true);
  const choice = {
    ...(faults === undefined ? {} : { faults }),
    ...(operations === undefined ? {} : { operations }),
  };
  const work = chosen.map((wire) => {
    const once = cellsOf(wire, choice);
    return { wire, cells: shuffled(Array.from({ length: repeat }, () => once).flat(), seed) };
  });
  const total = work.reduce((sum, { cells }) => sum + cells.length, 0);
  const began = Date.now();
  console.log(`${total} cells; --seed ${seed}; an acquirer has ${callLimitMs} ms to answer\n`);
  let done = 0;
  const onCell = (result: CellResult): void => {
    done += 1;
    const problem = problemOf(result);
    if (problem !== null) process.stderr.write(`✗ ${problem}\n`);
    if (done % 10 === 0) process.stderr.write(`${done} of ${total}, ${seconds(began)} s\n`);
  };
  const results = await Promise.all(
    work.map(({ wire, cells }) =>
      runWire(wire, cells, { runPath, callLimitMs, inFlight, deadlineMs, onCell }),
    ),
  );
  const all = results.flatMap(({ cells }) => cells);
  console.log(renderTable(chosen, all));
  const problems = [
    ...all.map(problemOf).filter((text) => text !== null),
    ...results.flatMap(({ disagreements }: WireResult, place) =>
      disagreements.map((text) => `${chosen[place]?.id ?? ''}, everything together: ${text}`),
    ),
  ];
  for (const problem of problems) console.log(`\n✗ ${problem}`);
  console.log(`\n${all.length} cells in ${seconds(began)} s, ${problems.length} problems; --seed ${seed}`);
  return problems.length === 0 ? 0 : 1;
}

async function openStack({ runFile, callLimitMs }: Options) {
  if (runFile !== null) return { runPath: runFile, close: () => Promise.resolve() };
  const dir = await newStackFolder('acquirers');
  const stack = await startStack({
    dir,
    ports: 'free',
    env: { QUITTANCE_ACQUIRER_CALL_LIMIT_MS: String(callLimitMs) },
    say: (line) => process.stderr.write(`${line}\n`),
  });
  return {
    runPath: stack.runPath,
    async close() {
      await stack.stop();
      await removeStack(dir);
    },
  };
}

const seconds = (since: number): number => Math.round((Date.now() - since) / 1_000);

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(
    `proof:acquirers: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 1;
}
