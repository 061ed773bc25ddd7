// Integration: real sockets.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect } from 'chai';
import { reservePorts } from '../cluster/ports.ts';

describe('reservePorts', () => {
  it('gives ports that a component can listen on', async () => {
    const reserved = await reservePorts(3);
    try {
      for (const port of reserved.ports) {
        const server = createServer().listen(port, '127.0.0.1');
        await once(server, 'listening');
        server.close();
      }
      expect(new Set(reserved.ports).size).to.equal(3);
    } finally {
      await reserved.release();
    }
  });

  it('gives no port twice, however many ask at once', async () => {
    const reservations = await Promise.all(Array.from({ length: 20 }, () => reservePorts(10)));
    try {
      const ports = reservations.flatMap((reserved) => reserved.ports);
      expect(new Set(ports).size).to.equal(200);
    } finally {
      await Promise.all(reservations.map((reserved) => reserved.release()));
    }
  });

  it('stays below the ports that the kernel gives to outgoing connections', async () => {
    const reserved = await reservePorts(50);
    await reserved.release();
    for (const port of reserved.ports) expect(port).to.be.within(20_000, 32_767);
  });
});
