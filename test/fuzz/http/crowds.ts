// Edge: many connections, or many requests, at once or slowly.
import { connect } from 'node:http2';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { halfRequestAtMostMs, handshakeAtMostMs } from '../bounds.ts';
import type { Tally } from '../tally.ts';
import { type Caller, headerLines, host, openTcp, openTls, type Target, tlsIdentity } from '../target.ts';

export interface Crowd {
  readonly target: Target;
  readonly caller: Caller;
  readonly tally: Tally;
  readonly signal: AbortSignal;
}

const list = '/apis/metrics.k8s.io/v1beta1/pods';
const handshakesAtOnce = 32;
/** The type of a handshake record. */
const firstByteOfTls = Buffer.of(22);

/** Opens so many, some at a time; those that could not be opened are left out. */
async function openMany<S extends Socket>(count: number, open: () => Promise<S>): Promise<S[]> {
  const sockets: S[] = [];
  let left = count;
  const worker = async (): Promise<void> => {
    for (; left > 0; ) {
      left -= 1;
      await open().then(
        (socket) => sockets.push(socket),
        () => undefined,
      );
    }
  };
  await Promise.all(Array.from({ length: handshakesAtOnce }, worker));
  return sockets;
}

/** 2,000 connections at a time: half of them say nothing after TLS, half not even that. */
export async function manyConnections({ target, caller, tally, signal }: Crowd): Promise<void> {
  const [silent, quiet] = await Promise.all([
    openMany(1000, () => openTcp(target)),
    openMany(1000, () => openTls(target, caller)),
  ]);
  for (const socket of [...silent, ...quiet]) socket.resume();
  const left = (): Socket[] => silent.filter((socket) => !socket.destroyed);
  const outlast = async (): Promise<void> => {
    for (let seconds = 0; left().length > 0 && seconds < handshakeAtMostMs / 1000 && !signal.aborted; seconds++)
      await sleep(1_000);
  };
  await outlast();
  tally.add('2,000 connections', 'open at the same time', silent.length + quiet.length);
  // When its queue is full, the kernel forgets connections that it has already confirmed: nobody but the client knows them until it speaks.
  tally.add('2,000 connections', 'without TLS, and still there when the time was up', left().length);
  for (const socket of left()) socket.write(firstByteOfTls);
  await outlast();
  if (!signal.aborted && left().length > 0)
    tally.find('2,000 connections', 'one without TLS outlived the handshake time-out');
  for (const socket of [...silent, ...quiet]) socket.destroy();
}

/** A head that never ends, a byte at a time. */
export function slowHeads(crowd: Crowd): Promise<void> {
  return trickle(crowd, 'slow heads', `GET ${list} HTTP/1.1\r\nHost: h\r\nX-Slow: `);
}

/** A body that was announced and never ends. */
export function slowBodies(crowd: Crowd): Promise<void> {
  const head = `POST ${list} HTTP/1.1\r\nHost: h\r\n${headerLines(crowd.caller)}Content-Length: 1000000\r\n\r\n`;
  return trickle(crowd, 'slow bodies', head);
}

const crowdSize = 200;

async function trickle({ target, caller, tally, signal }: Crowd, kind: string, begin: string): Promise<void> {
  const sockets = await openMany(crowdSize, () => openTls(target, caller));
  const beganAtMs = Date.now();
  for (const socket of sockets) {
    socket.resume();
    socket.write(begin);
  }
  const open = (): Socket[] => sockets.filter((socket) => !socket.destroyed);
  while (open().length > 0 && Date.now() - beganAtMs < halfRequestAtMostMs && !signal.aborted) {
    for (const socket of open()) socket.write('x');
    await sleep(1_000);
  }
  tally.add(kind, 'cut off', sockets.length - open().length);
  if (open().length > 0 && signal.aborted) tally.add(kind, 'open when the time was up', open().length);
  else if (open().length > 0) tally.find(kind, `still open after ${halfRequestAtMostMs} ms`);
  for (const socket of sockets) socket.destroy();
}

/** Asks for the list again and again and reads nothing. */
export async function slowReaders({ target, caller, tally, signal }: Crowd): Promise<void> {
  const sockets = await openMany(crowdSize, () => openTls(target, caller));
  const requests = `GET ${list} HTTP/1.1\r\nHost: h\r\n${headerLines(caller)}\r\n`.repeat(100);
  for (const socket of sockets) {
    socket.pause();
    socket.write(requests);
  }
  await sleep(30_000, undefined, { signal }).catch(() => undefined);
  tally.add('lists that nobody reads', 'asked on connections that do not read', sockets.length * 100);
  for (const socket of sockets) socket.destroy();
}

/** Far more requests at once than --max-requests-inflight. */
export async function requestFlood(
  { target, caller, tally }: Crowd,
  kind: string,
  headersOf: (index: number) => Readonly<Record<string, string>>,
): Promise<void> {
  const sessions = Array.from({ length: 20 }, () => {
    const session = connect(`https://${host}:${target.port}`, { rejectUnauthorized: false, ...tlsIdentity(caller) });
    session.on('error', () => undefined);
    return session;
  });
  const asked = sessions.flatMap((session, at) =>
    Array.from({ length: 100 }, (_, index) => ({
      session,
      headers: { ':path': list, ...headersOf(at * 100 + index) },
    })),
  );
  const outcomes = await Promise.all(
    asked.map(
      ({ session, headers }) =>
        new Promise<string>((resolve) => {
          const stream = session.request(headers);
          stream.on('response', (answer) => resolve(String(answer[':status'])));
          stream.on('error', () => resolve('broken off'));
          stream.on('close', () => resolve('broken off'));
          stream.resume();
        }),
    ),
  );
  for (const outcome of outcomes) {
    tally.add(kind, outcome);
    if (outcome.startsWith('5') && outcome !== '504') tally.find(kind, `answered ${outcome}`);
  }
  for (const session of sessions) session.destroy();
}

/** Streams that hold a place each, as their answers cannot be sent: HTTP/2 with windows of nothing. */
export async function heldPlaces({ target, caller, tally, signal }: Crowd): Promise<void> {
  const headers = caller.headers ?? {};
  const sessions = Array.from({ length: 10 }, () => {
    const session = connect(`https://${host}:${target.port}`, {
      rejectUnauthorized: false,
      settings: { initialWindowSize: 0 },
      ...tlsIdentity(caller),
    });
    session.on('error', () => undefined);
    for (let index = 0; index < 100; index++)
      session.request({ ':path': list, ...headers }).on('error', () => undefined);
    return session;
  });
  await sleep(15_000, undefined, { signal }).catch(() => undefined);
  tally.add('answers held up by windows of 0', `as ${caller.name}`, sessions.length * 100);
  for (const session of sessions) session.destroy();
}
