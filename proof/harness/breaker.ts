import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Clocks } from './clocks.ts';
import type { CrashOrders } from '../../temporal-dev/crash-orders.ts';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import type { Links } from '../proxy/links.ts';
import type { Blow, Victim } from './schedule.ts';
import type { SmallDisk } from './small-disk.ts';
import { tamper } from './tamper.ts';

/** A blow that fell: what, on whom, and when (ISO 8601). */
export interface Fallen {
  readonly kind: Blow['kind'];
  readonly what: string;
  readonly at: string;
}

/** What the breaker strikes with. */
export interface Tools {
  readonly runPath: string;
  readonly temporal: Client;
  readonly orders: CrashOrders;
  readonly links: Links;
  /** Where PostgreSQL keeps its data; null = it cannot be made full here. */
  readonly disk: SmallDisk | null;
  /** null = no clock can be moved here. */
  readonly clocks: Clocks | null;
}

/** What is not there at the moment (killed, and not back yet) is awaited so long. */
const WAIT_MS = 60_000;
/** How long a process may live on without passing the point at which it is to die; the order stands. */
const PASS_MS = 20_000;
/** What has come back may work so long at least before it is struck again; longer where it took longer. */
const BREATH_MS = 1_000;
const BREATH_MAX_MS = 10_000;
/** Before it is told where to die it has less: until it passes that point it works in any case. */
const BREATH_BEFORE_ORDER_MS = 1_000;
/** PostgreSQL waits for its clients when it is told SIGTERM; a restart is one that they have to live through. */
const RESTART_SIGNALS: Partial<Record<Victim, NodeJS.Signals>> = { postgres: 'SIGINT' };

/**
 * Strikes as scheduled, from now on, and resolves when whatever was stopped goes on again. One process is
 * struck again only when it is back and has worked: what never works proves nothing, so on a slow machine
 * the schedule takes longer than it says. Orders to crash are given; who carried them out is told by `orders`.
 */
export async function strike(tools: Tools, blows: readonly Blow[]): Promise<readonly Fallen[]> {
  const { runPath, temporal, orders, links, disk, clocks } = tools;
  const began = Date.now();
  const fallen: Fallen[] = [];
  const gone = new Set<number>();
  const endedAt = new Map<string, number>();
  const turns = new Map<string, Promise<void>>();
  const fell = (kind: Blow['kind'], what: string): void => {
    fallen.push({ kind, what, at: new Date().toISOString() });
  };

  /** The process of that role, once it is back and has had its breath; null when it does not come back. */
  async function living(role: string, breathMaxMs = BREATH_MAX_MS): Promise<number | null> {
    const end = Date.now() + WAIT_MS;
    while (Date.now() < end) {
      // The run file has the process that was healthy last: one that we ended is not struck twice.
      const pid = (await readRunFile(runPath).catch(() => null))?.processes[role];
      if (pid !== undefined && !gone.has(pid) && signal(pid, 0)) {
        const ended = endedAt.get(role);
        endedAt.delete(role);
        if (ended === undefined) return pid;
        await delay(Math.min(Math.max(Date.now() - ended, BREATH_MS), breathMaxMs));
        if (signal(pid, 0)) return pid;
      }
      await delay(50);
    }
    return null;
  }

  async function end(role: string, name: NodeJS.Signals): Promise<boolean> {
    const pid = await living(role);
    if (pid === null || !signal(pid, name)) return false;
    gone.add(pid);
    endedAt.set(role, Date.now());
    return true;
  }

  async function fall(blow: Blow): Promise<void> {
    switch (blow.kind) {
      case 'crash': {
        const { role, boundary, side, passage } = blow;
        const pid = await living(role, BREATH_BEFORE_ORDER_MS);
        await orders.give(role, { boundary, side, passage });
        const limit = Date.now() + PASS_MS;
        while (pid !== null && signal(pid, 0) && Date.now() < limit) await delay(50);
        if (pid === null || signal(pid, 0)) return;
        gone.add(pid);
        endedAt.set(role, Date.now());
        return;
      }
      case 'kill':
        if (await end(blow.victim, 'SIGKILL')) fell(blow.kind, `kill ${blow.victim}`);
        return;
      case 'restart':
        if (await end(blow.victim, RESTART_SIGNALS[blow.victim] ?? 'SIGTERM'))
          fell(blow.kind, `restart ${blow.victim}`);
        return;
      case 'pause': {
        const pid = await living(blow.victim);
        if (pid === null || !signal(pid, 'SIGSTOP')) return;
        fell(blow.kind, `pause ${blow.victim}`);
        await delay(blow.forMs);
        signal(pid, 'SIGCONT');
        return;
      }
      case 'tamper':
        if (await tamper(temporal, blow.how, blow.pick)) fell(blow.kind, `${blow.how} a workflow`);
        return;
      case 'link':
        links.set(blow.link, blow.weather);
        fell(blow.kind, `${blow.weather.kind} ${blow.link}`);
        await delay(blow.forMs);
        links.set(blow.link, { kind: 'fair' });
        return;
      case 'forget': {
        const { dir } = await readRunFile(runPath);
        if ((await living('temporal')) === null) return;
        // Gone while it runs: what it writes from here on is in no file that the next one finds.
        for (const suffix of ['', '-wal', '-shm'])
          await rm(join(dir, 'temporal', `temporal.sqlite${suffix}`), { force: true });
        if (await end('temporal', 'SIGKILL')) fell(blow.kind, 'delete the state of temporal');
        return;
      }
      case 'full':
        if (disk === null) return;
        await disk.fill();
        fell(blow.kind, 'fill the disk of postgres');
        await delay(blow.forMs);
        await disk.clear();
        return;
      case 'jump':
        if (clocks === null) return;
        await clocks.move(blow.victim, blow.byS);
        fell(blow.kind, `${blow.byS < 0 ? 'turn back' : 'turn on'} the clock of ${blow.victim}`);
        await delay(blow.forMs);
        await clocks.move(blow.victim, 0);
        return;
    }
  }

  for (const blow of blows) {
    await delay(Math.max(0, began + blow.at - Date.now()));
    const whose = targetOf(blow);
    const turn = (turns.get(whose) ?? Promise.resolve()).then(() => fall(blow));
    turns.set(whose, turn);
    // What could not be struck is told at the end: whoever goes on meanwhile is healed first.
    turn.catch(() => undefined);
  }
  await Promise.all(turns.values());
  return fallen;
}

/** Blows on the same thing wait for each other. */
function targetOf(blow: Blow): string {
  switch (blow.kind) {
    case 'crash':
      return blow.role;
    case 'kill':
    case 'restart':
    case 'pause':
      return blow.victim;
    case 'forget':
      return 'temporal';
    case 'link':
      return blow.link;
    case 'tamper':
    case 'full':
      return blow.kind;
    case 'jump':
      return `clock of ${blow.victim}`;
  }
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
