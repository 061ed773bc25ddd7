// Edge: the end of an HTTP/1.1 connection on which something else came than a request.
import type { Duplex } from 'node:stream';
import type { Clock } from '../lib/clock.ts';

/** As Go: long enough for the answer to arrive before the connection is cut under what the client still sends. */
const lingerMs = 500;

/** Answers what cannot be parsed as a request, then ends the connection, whether or not the client ends its side. */
export function connectionRefuser(clock: Clock): (error: NodeJS.ErrnoException, socket: Duplex) => void {
  const refused = new WeakSet<Duplex>();
  return (error, socket) => {
    // What comes behind is no request either; the answer is on its way and must arrive.
    if (refused.has(socket)) return;
    refused.add(socket);
    // Time-outs are not answered: whoever sends half a request does not wait for an answer.
    if (!socket.writable || error.code === 'ECONNRESET' || error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
      socket.destroy();
      return;
    }
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
    socket.end(`HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${status}`);
    void cutLater(socket, clock);
  };
}

async function cutLater(socket: Duplex, clock: Clock): Promise<void> {
  await clock.sleep(lingerMs);
  socket.destroy();
}
