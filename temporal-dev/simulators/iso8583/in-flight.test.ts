import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createPlainServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openConnection, type Outgoing } from '../../../activities/acquirers/iso8583/connection.ts';
import { createAuthority, issue, type Pair } from '../../certificates.ts';
import { eventually, startHarness, type HarnessOptions } from './testing.ts';

/** Many requests on one connection, and what one does that finds the one before it still being written. */
let folder: string;
let host: Pair;
let authority: Pair;
const authorityFile = (): string => join(folder, 'authority.pem');
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'in-flight-'));
  authority = await createAuthority('of the acquirer');
  host = await issue(authority, 'vault', { ips: ['127.0.0.1'] });
  await writeFile(authorityFile(), authority.certificate);
});
afterAll(() => rm(folder, { recursive: true }));

const hostTls = () => ({ cert: host.certificate, key: host.key });
const KINDS: readonly (readonly ['TCP' | 'TLS', () => HarnessOptions])[] = [
  ['TCP', () => ({})],
  ['TLS', () => ({ hostTls: hostTls(), linkTls: { authorityFile: authorityFile() } })],
];

describe.each(KINDS)('over %s', (kind, options) => {
  it('each of two hundred requests in flight on one connection gets its own answer', async () => {
    const harness = await startHarness(options());
    try {
      harness
        .simulator()
        .addFault({ times: 20, match: { amount: 7 }, action: { type: 'delay', delayMs: 200 } });
      const attempts = await Promise.all(
        Array.from({ length: 200 }, (_, index) =>
          harness.plan('authorization', index % 10 === 0 ? 7n : BigInt(100 + index), {
            card: '4242424242424242',
          }),
        ),
      );
      const results = await Promise.all(attempts.map(({ ref }) => harness.activities.authorize(ref)));
      expect(results.filter(({ outcome }) => outcome !== 'approved')).toEqual([]);
      expect(harness.simulator().connections()).toBe(1);
      const byRrn = new Map(
        harness
          .simulator()
          .entries()
          .map((entry) => [entry.rrn, entry]),
      );
      for (const { wire, amount, answer } of attempts) {
        const entry = byRrn.get(wire['rrn'] ?? '');
        expect(entry).toMatchObject({ amount: Number(amount), approvalCode: answer?.approvalCode });
      }
    } finally {
      await harness.stop();
    }
  });

  it('a link that asks for echoes all the time stays while requests are written', async () => {
    const logged: string[] = [];
    const harness = await startHarness({
      ...options(),
      echoIdleMs: 1,
      onLog: (event) => void logged.push(event),
    });
    try {
      await eventually('an echo', () => harness.simulator().echoes() > 0);
      for (let round = 0; round < 20; round += 1) {
        const attempts = await Promise.all(
          Array.from({ length: 10 }, () => harness.plan('authorization', 500n, { card: '4242424242424242' })),
        );
        const results = await Promise.all(attempts.map(({ ref }) => harness.activities.authorize(ref)));
        expect(results.filter(({ outcome }) => outcome !== 'approved')).toEqual([]);
      }
      expect(logged).not.toContain('acquirer_link_lost');
    } finally {
      await harness.stop();
    }
  });

  it('what waits for a write that the host does not take is asked once more before it is written', async () => {
    const { connection, peer, close } = await toASlowHost(kind === 'TLS');
    try {
      const first = connection.exchange(ofBytes('first', 32 * 1_024 * 1_024), patient());
      let late = false;
      const second = connection.exchange(ofBytes('second', 9), patient(() => (late ? 'send-by passed' : null))); // prettier-ignore
      const third = connection.exchange(ofBytes('third', 9), patient());
      expect(connection.inFlight()).toBe(3);
      late = true;
      peer.resume();
      expect(await second).toEqual({ type: 'unsent', reason: 'send-by passed' });
      await eventually('the third arrives', () => peer.heard().endsWith('third....'));
      expect(peer.heard()).not.toContain('second');
      connection.close('enough');
      expect(await first).toEqual({ type: 'unknown', reason: 'connection lost: enough' });
      expect(await third).toEqual({ type: 'unknown', reason: 'connection lost: enough' });
    } finally {
      close();
    }
  });

  it('what still waits when the connection ends, or its time, is certainly not sent', async () => {
    const { connection, close } = await toASlowHost(kind === 'TLS');
    try {
      const first = connection.exchange(ofBytes('first', 32 * 1_024 * 1_024), patient());
      const hasty = connection.exchange(ofBytes('hasty', 9), { ...patient(), limitMs: 20 });
      expect(await hasty).toMatchObject({ type: 'unsent', reason: expect.stringContaining('20 ms') as string }); // prettier-ignore
      const second = connection.exchange(ofBytes('second', 9), patient());
      connection.close('cut');
      expect(await first).toEqual({ type: 'unknown', reason: 'connection lost: cut' });
      expect(await second).toEqual({ type: 'unsent', reason: 'connection lost: cut' });
    } finally {
      close();
    }
  });
});

const patient = (refuseWrite: () => string | null = () => null) => ({
  limitMs: 10_000,
  refuseWrite,
  onLate: () => undefined,
});

/** No message, but bytes that are found again at the other side. */
function ofBytes(key: string, length: number): Outgoing {
  return { request: { type: '0100', fields: {} }, key, bytes: Buffer.from(key.padEnd(length, '.')) };
}

/** A connection to somebody who reads nothing until it is told to. */
async function toASlowHost(secured: boolean) {
  let socket: Socket | null = null;
  let tail = '';
  const accept = (accepted: Socket): void => {
    socket = accepted;
    accepted.on('error', () => undefined).pause();
  };
  const server = secured ? createServer(hostTls(), accept) : createPlainServer(accept);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connection = await openConnection(
    {
      host: '127.0.0.1',
      port: (server.address() as AddressInfo).port,
      connectLimitMs: 5_000,
      tls: secured
        ? { authority: authority.certificate, serverName: null, certificate: null, key: null }
        : null,
    },
    { onStray: () => undefined, onActivity: () => undefined },
  );
  await eventually('the host has it', () => socket !== null);
  return {
    connection,
    peer: {
      heard: () => tail,
      resume: () =>
        socket
          ?.on('data', (bytes: Buffer) => (tail = (tail + bytes.toString('latin1')).slice(-100)))
          .resume(),
    },
    close: () => {
      connection.close('the test ends');
      socket?.destroy();
      server.close();
    },
  };
}
