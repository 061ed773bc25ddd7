// Edge: the simulation's switches as HTTP on loopback, for another process.
//
//   GET  /status                                           {"runningPods":…,"scrapes":…,"connections":…}
//   GET  /workloads/NAME                                   {"name":…,"demandCores":…,"demandBytes":…,"readyPods":…}
//   PUT  /workloads/NAME       {"cores":2.5,"bytes":…}     demand from now on: numbers or {"kind":"ramp",…}
//   PUT  /idle-cores           {"UID":0.25,…}              what each container of these pods uses without work, from now on
//   PUT  /nodes/NAME/fault     {"kind":"hang"}             NAME may be *
//   DELETE /nodes/NAME/fault
//   POST /nodes/NAME/counters/reset
//   POST /pods/NAMESPACE/NAME/restart  {"container":…}
//   POST /pods/NAMESPACE/NAME/finish   {"phase":"Failed"}
//   PUT  /pods/NAMESPACE/NAME/probe    {"fails":true}
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorMessage } from '../../../src/lib/errors.ts';
import { parseDemand } from './demand.ts';
import { parseFault } from './fault.ts';
import type { SimulatedNodes } from './simulated-nodes.ts';

export interface ControlEndpoint {
  readonly url: string;
  close(): Promise<void>;
}

type Switches = Omit<SimulatedNodes, 'stop' | keyof AsyncDisposable>;

type Body = Readonly<Record<string, unknown>>;

interface Route {
  readonly method: string;
  readonly pattern: URLPattern;
  /** What to answer; undefined answers 204. */
  run(simulation: Switches, names: Readonly<Record<string, string | undefined>>, body: Body): unknown;
}

const maximumBodyBytes = 10 * 2 ** 20;

const routes: readonly Route[] = [
  route('GET', '/status', (simulation) => simulation.statistics()),
  route('GET', '/workloads/:name', (simulation, { name = '' }) => simulation.workloadState(name)),
  route('PUT', '/workloads/:name', (simulation, { name = '' }, body) => {
    simulation.setDemand(name, {
      ...(body['cores'] === undefined ? {} : { cores: parseDemand(body['cores']) }),
      ...(body['bytes'] === undefined ? {} : { bytes: parseDemand(body['bytes']) }),
    });
  }),
  route('PUT', '/idle-cores', (simulation, _names, body) => simulation.setIdleCores(readNumbers(body))),
  route('PUT', '/nodes/:name/fault', (simulation, { name = '' }, body) => simulation.setFault(name, parseFault(body))),
  route('DELETE', '/nodes/:name/fault', (simulation, { name = '' }) => simulation.setFault(name, undefined)),
  route('POST', '/nodes/:name/counters/reset', (simulation, { name = '' }) => simulation.resetCounters(name)),
  route('POST', '/pods/:namespace/:name/restart', (simulation, { namespace = '', name = '' }, { container }) =>
    simulation.restartPod(namespace, name, typeof container === 'string' ? container : undefined),
  ),
  route('POST', '/pods/:namespace/:name/finish', (simulation, { namespace = '', name = '' }, { phase }) =>
    simulation.finishPod(namespace, name, phase === 'Failed' ? 'Failed' : 'Succeeded'),
  ),
  route('PUT', '/pods/:namespace/:name/probe', (simulation, { namespace = '', name = '' }, { fails }) =>
    simulation.failProbe(namespace, name, fails === true),
  ),
];

function route(method: string, pathname: string, run: Route['run']): Route {
  return { method, pattern: new URLPattern({ pathname }), run };
}

/** Listens on 127.0.0.1. Port 0 takes any free one. */
export async function startControlEndpoint(simulation: Switches, port: number): Promise<ControlEndpoint> {
  const server = createServer((request, response) => {
    void answer(simulation, request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(simulation: Switches, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const found = findRoute(request);
    if (found === undefined) {
      response.writeHead(404).end();
      return;
    }
    const result = await found.route.run(simulation, found.names, await readBody(request));
    if (result === undefined) response.writeHead(204).end();
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result));
  } catch (error) {
    const known = error instanceof RangeError || error instanceof SyntaxError;
    response.writeHead(known ? 400 : 500, { 'content-type': 'text/plain' }).end(`${errorMessage(error)}\n`);
  }
}

function findRoute(
  request: IncomingMessage,
): { readonly route: Route; readonly names: Readonly<Record<string, string | undefined>> } | undefined {
  const url = new URL(request.url ?? '/', 'http://control');
  for (const candidate of routes) {
    const match = candidate.method === request.method ? candidate.pattern.exec(url) : null;
    if (match !== null) {
      const names = Object.entries(match.pathname.groups).map(([key, value]) => [key, decodeURIComponent(value ?? '')]);
      return { route: candidate, names: Object.fromEntries(names) as Record<string, string> };
    }
  }
  return undefined;
}

/** Throws a RangeError for anything but a record of numbers from 0 on. */
function readNumbers(body: Body): Readonly<Record<string, number>> {
  const entries = Object.entries(body).map(([name, value]): [string, number] => {
    if (typeof value !== 'number' || !(value >= 0)) throw new RangeError(`${name} must be a number from 0 on`);
    return [name, value];
  });
  return Object.fromEntries(entries);
}

async function readBody(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maximumBodyBytes) throw new RangeError('the request body is too large');
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString();
  return text === '' ? {} : (JSON.parse(text) as Body);
}
