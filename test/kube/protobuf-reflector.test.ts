// Against a small API server on real sockets, which speaks protobuf.
import type { ServerResponse } from 'node:http';
import { expect } from 'chai';
import { isForbidden, isGone } from '../../src/kube/api-status-error.ts';
import type { ClosableApiClient } from '../../src/kube/client.ts';
import { PodStore } from '../../src/kube/pod-store.ts';
import { createPodProjection } from '../../src/kube/project-pod.ts';
import { createPodProtobufCodec } from '../../src/kube/protobuf-pod.ts';
import { Reflector } from '../../src/kube/reflector.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { everything } from '../../src/lib/label-selector.ts';
import { failureOf } from '../support/failure-of.ts';
import { type FakeApiServer, type SeenRequest, startFakeApiServer } from '../support/fake-apiserver.ts';
import { envelope, frame, list, statusEnvelope, watchFrame } from '../support/protobuf-wire.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { rawPod } from './objects.ts';
import { podMessage } from './pod-message.ts';
import { socketClient } from './socket-client.ts';
import { waitFor } from './wait-for.ts';

const protobuf = 'application/vnd.kubernetes.protobuf';
const pods = '/api/v1/pods';

describe('Reflector of pods', () => {
  describe('where lists are streamed', () => checkReflector('sends'));
  describe('where lists come in pages', () => checkReflector('refuses'));
});

function checkReflector(streamingLists: 'sends' | 'refuses'): void {
  let server: FakeApiServer;
  let client: ClosableApiClient;
  let store: PodStore;
  let stop: AbortController;
  let running: Promise<void>;
  /** The open watches, the oldest first. */
  let watches: { readonly request: SeenRequest; readonly response: ServerResponse }[];
  let lists: SeenRequest[];
  /** What a list holds; of pages, two to each. */
  let listed: Buffer[];
  let speaks: 'json' | 'protobuf';

  beforeEach(async () => {
    server = await startFakeApiServer();
    server.streamingLists = streamingLists;
    watches = [];
    lists = [];
    listed = [];
    speaks = 'protobuf';
    server.intercept = (request, response) => {
      const isWatch = request.query.has('watch');
      const isStreamingList = request.query.has('sendInitialEvents');
      if (isStreamingList && streamingLists === 'refuses') return false;
      if (isWatch) watches.push({ request, response });
      if (isStreamingList || !isWatch) lists.push(request);
      if (speaks === 'json') return false;
      if (isWatch) beginWatch(response, isStreamingList ? [...listed.map((each) => event('ADDED', each)), end] : []);
      else answerList(request, response);
      return true;
    };
    const logger = new RecordingLogger();
    client = socketClient(server, logger);
    store = new PodStore(logger);
    stop = new AbortController();
    const reflector = new Reflector({
      client,
      clock: systemClock,
      logger,
      resource: 'pods',
      path: pods,
      codec: createPodProtobufCodec(),
      project: createPodProjection(),
      store,
      settings: { pageSize: 2, backoffInitialMs: 1, backoffMaxMs: 20 },
    });
    running = Promise.resolve();
    start = () => {
      running = reflector.run(stop.signal);
    };
  });

  let start: () => void;

  afterEach(async () => {
    stop.abort();
    await running;
    await client.close();
    await server.close();
  });

  function beginWatch(response: ServerResponse, initialEvents: readonly Buffer[]): void {
    response.writeHead(200, { 'content-type': `${protobuf};stream=watch` });
    response.flushHeaders();
    for (const each of initialEvents) response.write(each);
  }

  function answerList({ query }: SeenRequest, response: ServerResponse): void {
    const from = Number(query.get('continue') ?? 0);
    const continueToken = from + 2 < listed.length ? String(from + 2) : '';
    response.writeHead(200, { 'content-type': protobuf });
    response.end(list('PodList', { resourceVersion: '10', continueToken }, listed.slice(from, from + 2)));
  }

  const pod = (name: string, resourceVersion: string, phase = 'Running'): Buffer =>
    podMessage(rawPod({ name, phase, metadata: { resourceVersion } }));
  const event = (type: string, object: Buffer): Buffer => watchFrame(type, envelope('Pod', object));
  /** Of the initial events, at the version that lists have. */
  const end = event(
    'BOOKMARK',
    podMessage({ metadata: { resourceVersion: '10', annotations: { 'k8s.io/initial-events-end': 'true' } } }),
  );
  const names = (): string[] => store.list('', everything).map(({ name }) => name);

  async function startWatching(): Promise<ServerResponse> {
    start();
    await waitFor('the store is synced and watched', () => store.hasSynced && watches.length === 1);
    return watches[0]!.response;
  }

  it('asks for protobuf first, and takes JSON from a server that has nothing else', async () => {
    speaks = 'json';
    server.put(pods, rawPod({ name: 'a' }));
    await startWatching();
    server.put(pods, rawPod({ name: 'b' }));
    await waitFor('both are there', () => store.size === 2);
    expect([lists[0], watches[0]?.request].map((request) => request?.headers['accept'])).to.deep.equal([
      `${protobuf},application/json`,
      `${protobuf},application/json`,
    ]);
  });

  it('reads all and follows what is added, modified and deleted', async () => {
    listed = ['a', 'b', 'c', 'd', 'e'].map((name) => pod(name, '5'));
    const watch = await startWatching();
    expect(names()).to.have.members(['a', 'b', 'c', 'd', 'e']);
    expect(lists.map(({ query }) => query.get('continue'))).to.deep.equal(
      streamingLists === 'sends' ? [null] : [null, '2', '4'],
    );
    watch.write(event('ADDED', pod('f', '11')));
    watch.write(Buffer.concat([event('MODIFIED', pod('a', '12', 'Failed')), event('DELETED', pod('b', '13'))]));
    await waitFor('b is gone', () => store.get('default', 'b') === undefined);
    expect(names()).to.have.members(['a', 'c', 'd', 'e', 'f']);
    expect(store.get('default', 'a')?.phase).to.equal('Failed');
  });

  it('goes on from the last event or bookmark when the watch ends', async () => {
    const watch = await startWatching();
    watch.write(event('ADDED', pod('a', '11')));
    watch.write(event('BOOKMARK', podMessage({ metadata: { resourceVersion: '99' } })));
    await waitFor('a is there', () => store.size === 1);
    watch.end();
    await waitFor('watched again', () => watches.length === 2);
    expect(watches.map(({ request }) => request.query.get('resourceVersion'))).to.deep.equal([
      streamingLists === 'sends' ? null : '10',
      '99',
    ]);
    expect(lists).to.have.length(1);
  });

  it('reads an event that was cut off again from the next watch', async () => {
    const watch = await startWatching();
    const bytes = event('ADDED', pod('a', '11'));
    watch.write(bytes.subarray(0, bytes.length - 1));
    watch.destroy();
    await waitFor('watched again', () => watches.length === 2);
    watches[1]?.response.write(bytes);
    await waitFor('a is there', () => store.size === 1);
    expect(watches[1]?.request.query.get('resourceVersion')).to.equal('10');
  });

  describe('lists anew', () => {
    const check = (title: string, bytes: Buffer): void => {
      it(title, async () => {
        listed = [pod('old', '5')];
        const watch = await startWatching();
        listed = [pod('new', '20')];
        watch.write(bytes);
        await waitFor('the new list is there', () => store.get('default', 'new') !== undefined);
        expect(names()).to.deep.equal(['new']);
        expect(lists).to.have.length(2);
      });
    };
    check('when its version is too old (410)', watchFrame('ERROR', statusEnvelope(410, 'Expired', 'too old')));
    check('when a frame holds no event', frame(Buffer.from('garbage')));
    check('when a frame is longer than any object', Buffer.from([0xff, 0xff, 0xff, 0xff]));
    check('when the watch speaks JSON all of a sudden', Buffer.from('{"type":"ADDED","object":{}}\n'));
  });

  it('leaves alone what a new list or an event says nothing new about', async () => {
    listed = [pod('same', '5'), pod('other', '6')];
    const watch = await startWatching();
    const before = store.get('default', 'same');
    const changes: string[] = [];
    store.onChange((kind, { name }) => changes.push(`${kind} ${name}`));
    watch.write(event('MODIFIED', pod('same', '11')));
    watch.write(event('MODIFIED', pod('other', '12', 'Failed')));
    await waitFor('the change is there', () => changes.length > 0);
    listed = [pod('same', '13'), pod('other', '14')];
    watch.write(watchFrame('ERROR', statusEnvelope(410, 'Expired', 'too old')));
    await waitFor('the new list is there', () => watches.length === 2 && changes.length > 1);
    expect(changes).to.deep.equal(['updated other', 'updated other']);
    expect(store.get('default', 'same')).to.equal(before);
  });

  it('keeps what it knew of a pod that cannot be read, and goes on', async () => {
    listed = [pod('a', '5')];
    const watch = await startWatching();
    const bad = podMessage(
      rawPod({ name: 'a', phase: 'Failed', spec: { overhead: { cpu: 'much' } }, metadata: { resourceVersion: '11' } }),
    );
    watch.write(Buffer.concat([event('MODIFIED', bad), event('ADDED', pod('b', '12'))]));
    await waitFor('b is there', () => store.size === 2);
    expect(store.get('default', 'a')?.phase).to.equal('Running');
    expect(lists).to.have.length(1);
  });

  it('understands a refusal in protobuf', async () => {
    server.intercept = (request, response) => {
      const isGone = request.query.has('continue');
      const [code, reason] = isGone ? ([410, 'Expired'] as const) : ([403, 'Forbidden'] as const);
      response.writeHead(code, { 'content-type': protobuf });
      response.end(statusEnvelope(code, reason, 'pods is forbidden'));
      return true;
    };
    const ask = (query: { continue?: string }): Promise<unknown> =>
      failureOf(client.request({ method: 'GET', path: pods, query, accept: `${protobuf},application/json` }));
    const forbidden = await ask({});
    expect(isForbidden(forbidden)).to.equal(true);
    expect((forbidden as Error).message).to.equal('pods is forbidden');
    expect(isGone(await ask({ continue: 'old' }))).to.equal(true);
  });
}
