import { expect, it } from 'vitest';
import { cellsOf, type Cell } from '../acquirers/cells.ts';
import type { Operation } from '../acquirers/ends.ts';
import type { FaultName } from '../acquirers/faults.ts';
import { runWire } from '../acquirers/matrix.ts';
import { problemOf, renderTable } from '../acquirers/report.ts';
import { shuffled } from '../acquirers/shuffle.ts';
import { WIRES } from '../acquirers/wires/index.ts';
import type { MatrixWire } from '../acquirers/wires/wire.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: whatever an acquirer does with one request, the merchant is told the truth, nothing is
 * executed twice, and our record, the books and the acquirer's journal agree. Here the faults that say
 * most and some by a printed seed; all of them: npm run proof:acquirers.
 */
const TELLING: readonly (readonly [FaultName, readonly Operation[]])[] = [
  ['none', ['authorize', 'refund']],
  ['lose_answer', ['authorize', 'sale', 'capture', 'void', 'refund']],
  ['lost_twice', ['authorize', 'capture']],
  ['swallowed', ['authorize', 'refund']],
  ['executed_late', ['authorize', 'sale', 'refund']],
  ['answered_late', ['sale', 'void']],
  ['wrong_reference', ['authorize']],
  ['half_open', ['sale']],
  ['error_not_executed', ['capture', 'refund']],
  ['rate_limited', ['void']],
  ['approved_more', ['authorize']],
  ['partial_approval', ['sale']],
  ['decline', ['capture']],
];
const DRAWN = 6;

/** The default of the stack, and time for the slowest of them: a proof that nothing was executed. */
const LIMITS = { callLimitMs: 8_000, inFlight: 24, deadlineMs: 100_000 };

function chosen(wire: MatrixWire, seed: number): Cell[] {
  const all = cellsOf(wire);
  const told = all.filter(({ fault, operation }) =>
    TELLING.some(([name, operations]) => name === fault && operations.includes(operation)),
  );
  const others = all.filter((cell) => !told.includes(cell) && !wire.disturbing.includes(cell.fault));
  return [...told, ...shuffled(others, seed).slice(0, DRAWN)];
}

it('ends every fault with one truth', { timeout: 180_000 }, async () => {
  const seed = Math.floor(Math.random() * 1_000_000);
  const results = await Promise.all(
    WIRES.map((wire) => runWire(wire, chosen(wire, seed), { runPath: stackRunFile(), ...LIMITS })),
  );
  const cells = results.flatMap((result) => result.cells);
  console.log(`seed ${seed}\n${renderTable(WIRES, cells)}`);
  expect(cells.map(problemOf).filter((problem) => problem !== null)).toEqual([]);
  expect(results.flatMap(({ disagreements }) => disagreements)).toEqual([]);
});
