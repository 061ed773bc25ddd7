// Edge: carries out one HTTP/2 attack on a connection of its own.
import type { TLSSocket } from 'node:tls';
import { type Caller, openTls, type Target } from '../target.ts';
import type { Http2Attack } from './h2-attacks.ts';

const watchMs = 4_000;
const writeTimeoutMs = 20_000;

/** Says whether the server cut the connection off, or held it to the end of our patience. */
export async function attack(
  target: Target,
  caller: Caller,
  { chunks, reads }: Http2Attack,
): Promise<'cut off' | 'held'> {
  const socket = await openTls(target, caller, 'h2');
  const closed = new Promise<'cut off'>((resolve) => socket.once('close', () => resolve('cut off')));
  if (reads) socket.resume();
  else socket.pause();
  // A writer who is not taken from would wait for ever.
  await Promise.race([closed, write(socket, chunks), sleep(writeTimeoutMs)]);
  const end = await Promise.race([closed, sleep(watchMs)]);
  socket.destroy();
  return end ?? 'held';
}

async function write(socket: TLSSocket, chunks: Iterable<Buffer>): Promise<void> {
  for (const chunk of chunks) {
    if (socket.destroyed) return;
    if (!socket.write(chunk)) await new Promise<void>((resolve) => socket.once('drain', () => resolve()));
  }
}

function sleep(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), ms).unref());
}
