// Edge: kubelets of registered nodes that answer each scrape with something else.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Http2ServerResponse } from 'node:http2';
import { pipeline, Readable } from 'node:stream';
import { KubeConfig } from '@kubernetes/client-node';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import type { ControlPlane } from '../../cluster/control-plane.ts';
import { SimApiClient } from '../../cluster/sim/api-client.ts';
import { nodeAddress, nodeName } from '../../cluster/sim/node-identity.ts';
import { NodeListener } from '../../cluster/sim/node-listener.ts';
import { defaultCapacity } from '../../cluster/sim/node-object.ts';
import { NodeRegistrar } from '../../cluster/sim/node-registrar.ts';
import { type KubeletAnswer, redirectPath } from './bodies.ts';

export interface HostileOptions {
  readonly controlPlane: ControlPlane;
  readonly count: number;
  /** What the next scrape of any of them is answered. */
  readonly nextAnswer: () => KubeletAnswer;
  /** Somebody followed a redirect; `true`: with a token. */
  readonly onRedirected: (withToken: boolean) => void;
}

/** Apart from the simulated nodes' 127.16. */
const firstOctet = 96;

/** Resolves when the nodes are registered. */
export async function startHostileKubelets(options: HostileOptions): Promise<AsyncDisposable> {
  const { controlPlane, count } = options;
  const nodes = Array.from({ length: count }, (_, index) => ({
    name: nodeName('hostile-', index),
    address: nodeAddress(index, firstOctet),
  }));
  const listener = new NodeListener({
    nodes,
    port: 0,
    authority: controlPlane.credentials.clusterCa,
    clientCaPem: undefined,
    policyOf: () => 'serve',
    answer: (_, request, response) => answer(options, request, response),
  });
  const kubeletPort = await listener.listen();
  const config = new KubeConfig();
  config.loadFromFile(controlPlane.kubeconfigPath);
  const api = new SimApiClient(config);
  const descriptions = nodes.map((node) => ({
    ...node,
    kubeletPort,
    capacity: defaultCapacity,
    labels: { hostile: 'true' },
    annotations: {},
  }));
  const registrar = new NodeRegistrar({ api, clock: systemClock, logger: silentLogger }, descriptions);
  const ended = new AbortController();
  await registrar.register(ended.signal);
  const running = registrar.run(ended.signal);
  return {
    [Symbol.asyncDispose]: async () => {
      ended.abort();
      await Promise.all([running, listener.close()]);
      await api.close();
    },
  };
}

function answer(
  { nextAnswer, onRedirected }: HostileOptions,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (request.url === redirectPath) {
    onRedirected(request.headers.authorization !== undefined);
    response.end();
    return;
  }
  const { status = 200, headers = {}, chunks, ending } = nextAnswer();
  response.on('error', () => undefined);
  response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', ...headers });
  if (ending === 'end') {
    pipeline(Readable.from(chunks, { objectMode: false }), response, () => undefined);
    return;
  }
  for (const chunk of chunks) response.write(chunk);
  if (ending === 'break') setTimeout(() => breakOff(response), 20);
  if (ending === 'trickle') trickle(response);
}

function breakOff(response: ServerResponse | Http2ServerResponse): void {
  if (!(response instanceof Http2ServerResponse)) response.socket?.destroy();
}

function trickle(response: ServerResponse): void {
  const timer = setInterval(() => response.write('#'), 200);
  response.once('close', () => clearInterval(timer));
}
