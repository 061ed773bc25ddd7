// Edge: one raw input on one connection, and what came back.
import type { Socket } from 'node:net';
import { type Caller, openTcp, openTls, type Target } from '../target.ts';
import type { RawInput } from './raw-inputs.ts';

export interface RawAnswer {
  /** Status codes of the answers that came. */
  readonly statuses: readonly number[];
  readonly isClosed: boolean;
}

/** So long nothing came: what is incomplete is not waited for, the slow clients do that. */
const quietMs = 1_000;
const keptBytes = 65_536;

export async function sendRaw(target: Target, caller: Caller, raw: RawInput): Promise<RawAnswer> {
  const socket = await openTls(target, caller);
  return exchange(socket, raw.bytes, raw.halfClose);
}

/** Bytes where a TLS handshake belongs. */
export async function sendWithoutTls(target: Target, bytes: Buffer): Promise<RawAnswer> {
  return exchange(await openTcp(target), bytes, true);
}

function exchange(socket: Socket, bytes: Buffer, halfClose: boolean): Promise<RawAnswer> {
  return new Promise((resolve) => {
    let text = '';
    let isClosed = false;
    const done = (): void => {
      socket.destroy();
      const statuses = [...text.matchAll(/^HTTP\/1\.[01] (\d{3}) /gm)].map((found) => Number(found[1]));
      resolve({ statuses, isClosed });
    };
    socket.on('data', (chunk: Buffer) => {
      if (text.length < keptBytes) text += chunk.toString('latin1');
    });
    socket.once('close', () => {
      isClosed = true;
      done();
    });
    socket.setTimeout(quietMs, done);
    if (halfClose) socket.end(bytes);
    else socket.write(bytes);
  });
}
