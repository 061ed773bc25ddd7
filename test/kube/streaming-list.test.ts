// Against a small API server on real sockets, where the test writes each streaming list by hand, in both forms.
import type { ServerResponse } from 'node:http';
import { expect } from 'chai';
import type { ClosableApiClient } from '../../src/kube/client.ts';
import { PodStore } from '../../src/kube/pod-store.ts';
import { createPodProjection } from '../../src/kube/project-pod.ts';
import { createPodProtobufCodec } from '../../src/kube/protobuf-pod.ts';
import { Reflector } from '../../src/kube/reflector.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { everything } from '../../src/lib/label-selector.ts';
import { type FakeApiServer, send, startFakeApiServer, status } from '../support/fake-apiserver.ts';
import { envelope, statusEnvelope, watchFrame } from '../support/protobuf-wire.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { rawPod } from './objects.ts';
import { podMessage } from './pod-message.ts';
import { socketClient } from './socket-client.ts';
import { waitFor } from './wait-for.ts';

const pods = '/api/v1/pods';
const gone = { code: 410, reason: 'Expired', message: 'too old resource version' };

/** How the server writes its events. */
interface Form {
  readonly contentType: string;
  readonly event: (type: string, pod: object) => Buffer;
  readonly failure: Buffer;
}

const json: Form = {
  contentType: 'application/json',
  event: (type, object) => Buffer.from(`${JSON.stringify({ type, object })}\n`),
  failure: Buffer.from(`${JSON.stringify({ type: 'ERROR', object: status(gone.code, gone.reason, gone.message) })}\n`),
};

const protobuf: Form = {
  contentType: 'application/vnd.kubernetes.protobuf;stream=watch',
  event: (type, pod) => watchFrame(type, envelope('Pod', podMessage(pod))),
  failure: watchFrame('ERROR', statusEnvelope(gone.code, gone.reason, gone.message)),
};

describe('a streaming list', () => {
  describe('of JSON', () => checkStreamingLists(json));
  describe('of protobuf', () => checkStreamingLists(protobuf));
});

function checkStreamingLists({ contentType, event, failure }: Form): void {
  let server: FakeApiServer;
  let client: ClosableApiClient;
  let logger: RecordingLogger;
  let store: PodStore;
  let stop: AbortController;
  let running: Promise<void>;
  /** All watches that were asked for. */
  let watches: { readonly query: URLSearchParams; readonly response: ServerResponse }[];
  /** All others. */
  let pages: URLSearchParams[];
  let relisted: number;

  beforeEach(async () => {
    server = await startFakeApiServer();
    watches = [];
    pages = [];
    relisted = 0;
    server.intercept = ({ query }, response) => {
      if (query.has('watch')) watches.push({ query, response });
      else pages.push(query);
      return query.has('watch') && begin(response);
    };
    logger = new RecordingLogger();
    client = socketClient(server, logger);
    store = new PodStore(logger);
    stop = new AbortController();
    running = Promise.resolve();
  });

  afterEach(async () => {
    stop.abort();
    await running;
    await client.close();
    await server.close();
  });

  function begin(response: ServerResponse): boolean {
    response.writeHead(200, { 'content-type': contentType });
    response.flushHeaders();
    return true;
  }

  /** Resolves to the answer to the first request, which is nothing yet. */
  async function start(watchIdleTimeoutMs = 10_000): Promise<ServerResponse> {
    const reflector = new Reflector({
      client,
      clock: systemClock,
      logger,
      resource: 'pods',
      path: pods,
      codec: createPodProtobufCodec(),
      project: createPodProjection(),
      store,
      settings: { backoffInitialMs: 1, backoffMaxMs: 20, watchIdleTimeoutMs },
      monitor: {
        addReflector: () => undefined,
        relisted: () => {
          relisted += 1;
        },
        skipped: () => undefined,
      },
    });
    running = reflector.run(stop.signal);
    return await watch(0);
  }

  async function watch(index: number): Promise<ServerResponse> {
    await waitFor(`watch ${index} is asked for`, () => watches.length > index);
    return watches[index]!.response;
  }

  const pod = (name: string, phase = 'Running', resourceVersion = '5'): ReturnType<typeof rawPod> =>
    rawPod({ name, phase, metadata: { resourceVersion } });
  const bookmark = (resourceVersion: string, annotations?: Record<string, string>): Buffer =>
    event('BOOKMARK', { kind: 'Pod', apiVersion: 'v1', metadata: { resourceVersion, annotations } });
  const end = (resourceVersion = '10'): Buffer => bookmark(resourceVersion, { 'k8s.io/initial-events-end': 'true' });
  const phases = (): string =>
    store
      .list('', everything)
      .map(({ name, phase }) => `${name} ${phase}`)
      .toSorted()
      .join(', ');
  const shows = async (expected: string): Promise<void> => {
    try {
      await waitFor(expected, () => phases() === expected);
    } catch {
      expect(phases()).to.equal(expected);
    }
  };
  /** A reflector that has listed `old`, and whose first watch then turned out to be too old. Resolves to its second list, which has not begun. */
  async function relist(): Promise<ServerResponse> {
    const first = await start();
    first.write(Buffer.concat([event('ADDED', pod('a')), event('ADDED', pod('b')), event('ADDED', pod('c')), end()]));
    await waitFor('it is synced', () => store.hasSynced);
    first.write(failure);
    const second = await watch(1);
    expect(phases()).to.equal('a Running, b Running, c Running');
    return second;
  }
  const told = (): string[] => logger.lines.filter(({ level }) => level !== 'debug').map(({ message }) => message);

  it('is asked for as KEP-3157 says, and paid for as a list', async () => {
    await start();
    const query = Object.fromEntries(watches[0]!.query);
    expect(Number(query['timeoutSeconds'])).to.be.within(300, 600);
    delete query['timeoutSeconds'];
    expect(query).to.deep.equal({
      watch: 'true',
      sendInitialEvents: 'true',
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: 'true',
    });
  });

  it('fills a new store as it comes, is complete at its bookmark, and goes on as a watch', async () => {
    const response = await start();
    response.write(event('ADDED', pod('a')));
    await shows('a Running');
    expect(store.hasSynced).to.equal(false);
    response.write(Buffer.concat([end(), event('ADDED', pod('b', 'Running', '11'))]));
    await shows('a Running, b Running');
    expect(store.hasSynced).to.equal(true);
    response.write(event('DELETED', pod('a', 'Running', '12')));
    await shows('b Running');
    response.end();
    await watch(1);
    expect(watches.map(({ query }) => query.get('resourceVersion'))).to.deep.equal([null, '12']);
    expect([pages.length, relisted]).to.deep.equal([0, 1]);
  });

  it('is begun again where its bookmark was, when nothing came behind it', async () => {
    const response = await start();
    response.end(Buffer.concat([event('ADDED', pod('a', 'Running', '99')), end('10')]));
    await watch(1);
    expect(watches[1]?.query.get('resourceVersion')).to.equal('10');
  });

  it('may be empty', async () => {
    const response = await start();
    response.write(end());
    await waitFor('it is synced', () => store.hasSynced);
    expect(store.size).to.equal(0);
  });

  it('may tell of one object several times, and that it is gone: the last counts', async () => {
    const response = await start();
    response.write(
      Buffer.concat([
        event('ADDED', pod('a')),
        event('ADDED', pod('b')),
        event('MODIFIED', pod('a', 'Failed')),
        event('DELETED', pod('b')),
        event('ADDED', pod('c', 'Failed')),
        event('DELETED', pod('c')),
        event('ADDED', pod('c')),
        end(),
      ]),
    );
    await waitFor('it is synced', () => store.hasSynced);
    expect(phases()).to.equal('a Failed, c Running');
  });

  it('changes a store that is read at its bookmark, all at once', async () => {
    const response = await relist();
    const states: string[] = [];
    store.onChange(() => states.push('changed'));
    response.write(
      Buffer.concat([
        event('ADDED', pod('a', 'Failed')),
        event('MODIFIED', pod('b', 'Failed')),
        event('MODIFIED', pod('b')),
        event('ADDED', pod('d')),
        event('ADDED', pod('e')),
        event('DELETED', pod('e')),
      ]),
    );
    // Some time in which nothing may happen.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([states, phases()]).to.deep.equal([[], 'a Running, b Running, c Running']);
    response.write(end('20'));
    await shows('a Failed, b Running, d Running');
    expect(states).to.have.length(3);
    expect(relisted).to.equal(2);
  });

  it('removes what went while it came', async () => {
    const response = await relist();
    response.write(
      Buffer.concat([event('ADDED', pod('a')), event('ADDED', pod('b')), event('DELETED', pod('a')), end('20')]),
    );
    await shows('b Running');
  });

  describe('that breaks off', () => {
    it('leaves a store that is read as it was; pages bring the new state', async () => {
      server.put(pods, pod('new'));
      const response = await relist();
      response.write(event('ADDED', pod('d')));
      await new Promise((resolve) => setTimeout(resolve, 50));
      const states = new Set<string>();
      store.onChange(() => states.add(phases()));
      response.destroy();
      await shows('new Running');
      expect(pages).to.have.length(1);
      expect([...states].filter((state) => state.includes('d '))).to.deep.equal([]);
      await watch(2);
      expect(watches[2]?.query.get('resourceVersion')).to.equal(String(server.version));
    });

    it('leaves what came in a new store, and the next list removes what is gone', async () => {
      server.put(pods, pod('new'));
      const response = await start();
      response.write(event('ADDED', pod('old')));
      await shows('old Running');
      response.destroy();
      await shows('new Running');
      expect(store.hasSynced).to.equal(true);
      expect(relisted).to.equal(1);
    });

    const checkPages = (title: string, breakOff: (response: ServerResponse) => void): void => {
      it(`${title}: pages bring the state, and the next is streamed again`, async () => {
        server.put(pods, pod('new'));
        const response = await start(200);
        response.write(event('ADDED', pod('old')));
        breakOff(response);
        await shows('new Running');
        (await watch(1)).write(failure);
        await waitFor('another streaming list', () => watches.at(-1)?.query.has('sendInitialEvents') === true);
        expect(pages).to.have.length(1);
        expect(watches[1]?.query.get('resourceVersion')).to.equal(String(server.version));
      });
    };
    checkPages('as its connection is cut', (response) => response.destroy());
    checkPages('as the server ends it', (response) => response.end());
    checkPages('with 410', (response) => response.end(failure));
    checkPages('as nothing comes any more', () => undefined);
    checkPages('with garbage', (response) => response.write('\u{ff}\u{ff}\u{ff}\u{ff}\n'));
    checkPages('as a bookmark comes that ends nothing', (response) => response.write(bookmark('9')));
    checkPages('as the bookmark at its end has no version', (response) => response.write(end('')));
    checkPages('as the annotation says something else', (response) =>
      response.write(bookmark('9', { 'k8s.io/initial-events-end': 'false' })),
    );
  });

  describe('that is not to be had', () => {
    const check = (title: string, code: number, reason: string): void => {
      it(`${title}: pages come at once, without a word`, async () => {
        server.put(pods, pod('a'));
        server.intercept = ({ query }, response) => {
          if (!query.has('sendInitialEvents')) return false;
          send(response, code, status(code, reason, 'no'));
          return true;
        };
        void start().catch(() => undefined);
        await shows('a Running');
        await waitFor('it is watched', () => server.watcherCount === 1);
        const asked = server.requests.map(({ query }) =>
          query.has('sendInitialEvents') ? 'stream' : query.has('watch') ? 'watch' : 'page',
        );
        expect(asked).to.deep.equal(['stream', 'page', 'watch']);
        expect(told()).to.deep.equal([]);
      });
    };
    check('refused as API servers without the feature do', 422, 'Invalid');
    check('refused as a bad request', 400, 'BadRequest');
    check('forbidden', 403, 'Forbidden');

    it('as the server takes no notice of it: pages come when a bookmark shows that', async () => {
      server.intercept = () => false;
      server.streamingLists = 'ignores';
      server.put(pods, pod('a'));
      void start().catch(() => undefined);
      await shows('a Running');
      expect(store.hasSynced).to.equal(false);
      server.bookmark(pods);
      await waitFor('it is synced', () => store.hasSynced);
      expect(server.requests.some(({ query }) => query.has('limit'))).to.equal(true);
      expect(phases()).to.equal('a Running');
    });

    it('as the server errs: pages come after a pause, with a word', async () => {
      server.put(pods, pod('a'));
      server.intercept = ({ query }, response) => {
        if (query.has('sendInitialEvents')) send(response, 500, status(500, 'InternalError', 'no'));
        return query.has('sendInitialEvents');
      };
      void start().catch(() => undefined);
      await shows('a Running');
      expect(told()).to.deep.equal(['cannot list or watch', 'lists and watches again']);
    });

    it('yet, as the server has too many requests: it is asked for again', async () => {
      server.put(pods, pod('a'));
      let refusals = 0;
      server.intercept = ({ query }, response) => {
        if (query.has('limit')) pages.push(query);
        if (refusals === 2) return false;
        refusals += 1;
        send(response, 429, status(429, 'TooManyRequests', 'storage is (re)initializing'));
        return true;
      };
      void start().catch(() => undefined);
      await shows('a Running');
      expect(pages).to.deep.equal([]);
    });
  });

  it('gives others their turn, however many events come at once', async () => {
    const response = await start();
    const events: Buffer[] = [];
    for (let index = 0; index < 5_000; index++) events.push(event('ADDED', pod(`p-${index}`)));
    const sizes = new Set<number>();
    const look = setInterval(() => sizes.add(store.size), 1);
    response.write(Buffer.concat([...events, end()]));
    await waitFor('it is synced', () => store.hasSynced);
    clearInterval(look);
    expect(store.size).to.equal(5_000);
    expect(sizes.size).to.be.greaterThan(3);
  });
}
