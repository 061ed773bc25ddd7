// Edge: TCP ports that nobody else will take while a cluster uses them.
import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

// Below the kernel's ephemeral range (32768 upwards), so that no outgoing connection can be given one of our ports
// while a component is stopped and about to be started again on it.
const FIRST_PORT = 20_000;
const LAST_PORT = 32_700;

// A listener on this address holds a port for us without being in the way of the component that binds 127.0.0.1.
// The kernel drops it when the process ends, however it ends, so no reservation can go stale.
const RESERVATION_ADDRESS = '127.77.77.77';

const ATTEMPTS = 200;

export interface ReservedPorts {
  readonly ports: readonly number[];
  readonly release: () => Promise<void>;
}

/** Reserves `count` ports against every other caller on this machine; each was also free on 127.0.0.1 a moment ago. */
export async function reservePorts(count: number): Promise<ReservedPorts> {
  const held: { port: number; server: Server }[] = [];
  const release = async (): Promise<void> => {
    await Promise.all(held.map(({ server }) => close(server)));
  };
  for (let attempt = 0; held.length < count; attempt += 1) {
    if (attempt > ATTEMPTS + count) {
      await release();
      throw new Error(`found no ${count} free ports between ${FIRST_PORT} and ${LAST_PORT}`);
    }
    const port = randomInt(FIRST_PORT, LAST_PORT + 1);
    const server = await listen(RESERVATION_ADDRESS, port);
    if (server === undefined) {
      continue;
    }
    if (await isFree(port)) {
      server.unref();
      held.push({ port, server });
    } else {
      await close(server);
    }
  }
  return { ports: held.map(({ port }) => port), release };
}

async function isFree(port: number): Promise<boolean> {
  const server = await listen('127.0.0.1', port);
  if (server === undefined) {
    return false;
  }
  await close(server);
  return true;
}

/** A listening server, or undefined when the address is taken. */
function listen(address: string, port: number): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') {
        resolve(undefined);
      } else {
        reject(error);
      }
    });
    server.listen({ host: address, port, exclusive: true }, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
