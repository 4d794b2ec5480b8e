import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** Between two parts: everything arrives in fair weather, and in each other one exactly what it says does not. */

let heard: string;
let server: Server;
let proxy: TcpProxy;
let sockets: Socket[];

beforeEach(async () => {
  heard = '';
  sockets = [];
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      heard += chunk.toString();
      socket.write(chunk.toString().toUpperCase());
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await startTcpProxy((server.address() as { port: number }).port);
});
afterEach(async () => {
  await proxy.close();
  for (const socket of sockets) socket.destroy();
  server.close();
});

async function caller(): Promise<{ socket: Socket; said: () => string; gone: () => boolean }> {
  const socket = connect(proxy.port, '127.0.0.1');
  let text = '';
  let gone = false;
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  socket.on('error', () => undefined);
  socket.on('close', () => (gone = true));
  await once(socket, 'connect');
  return { socket, said: () => text, gone: () => gone };
}
const until = (condition: () => boolean) =>
  expect.poll(condition, { timeout: 5_000, interval: 5 }).toBe(true);

it('passes on both ways, ends included', async () => {
  const { socket, said, gone } = await caller();
  socket.write('one');
  await until(() => said() === 'ONE');
  socket.end();
  await until(gone);
});

it('late bytes keep their order', async () => {
  proxy.set({ kind: 'latency', ms: 40 });
  const { socket, said } = await caller();
  socket.write('a');
  await until(() => heard === 'a');
  proxy.set({ kind: 'fair' });
  socket.write('b');
  await until(() => said() === 'AB');
});

it('a reset cuts what is there, and what comes', async () => {
  const before = await caller();
  proxy.set({ kind: 'reset' });
  await until(before.gone);
  const after = connect(proxy.port, '127.0.0.1');
  after.on('error', () => undefined);
  await new Promise((resolve) => after.once('close', resolve));
  proxy.set({ kind: 'fair' });
  const again = await caller();
  again.socket.write('x');
  await until(() => again.said() === 'X');
});

it('half open: nothing arrives and nothing is cut, until it clears', async () => {
  const { socket, said, gone } = await caller();
  proxy.set({ kind: 'half_open' });
  socket.write('lost');
  const other = await caller();
  other.socket.write('lost too');
  const still = await caller();
  expect([heard, said(), gone()]).toEqual(['', '', false]);
  proxy.set({ kind: 'fair' });
  await until(() => gone() && other.gone());
  still.socket.write('kept');
  await until(() => still.said() === 'KEPT');
});

it('dropped answers: what was asked arrives, and nobody hears of it', async () => {
  const { socket, said, gone } = await caller();
  proxy.set({ kind: 'drop_answers' });
  socket.write('done');
  await until(() => heard === 'done');
  expect(said()).toBe('');
  proxy.set({ kind: 'fair' });
  await until(gone);
});
