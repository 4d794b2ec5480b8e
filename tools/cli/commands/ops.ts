import type { Command } from 'commander';
import { runOps } from '../../ops/run-ops.ts';
import type { Surroundings } from '../context.ts';

/**
 * `ops`: what waits for a person, and what people decide about it. Its words are its own, options
 * included (tools/ops/help.ts): main hands them over before they are read here.
 */
export function addOps(program: Command, _surroundings: Surroundings): void {
  program
    .command('ops')
    .summary('what waits for a person, and what people decide')
    .description('What waits for a person, and what people decide about it; quittance ops --help says more.');
}

/** @param args what stands behind `ops`. */
export function handOverToOps(args: readonly string[], { terminal }: Surroundings): Promise<number> {
  return runOps(args, { out: terminal.out, err: terminal.say, stdin: process.stdin });
}
