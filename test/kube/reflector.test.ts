// Against a small API server on real sockets.
import type { ServerResponse } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import * as fc from 'fast-check';
import type { ClosableApiClient } from '../../src/kube/client.ts';
import { ObjectStore } from '../../src/kube/object-store.ts';
import { Reflector, type ReflectorSettings } from '../../src/kube/reflector.ts';
import type { ChangeKind } from '../../src/kube/types.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { FakeApiServer, send, startFakeApiServer, status } from '../support/fake-apiserver.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { rawThing, things } from './objects.ts';
import { socketClient } from './socket-client.ts';
import { waitFor } from './wait-for.ts';

type Thing = { readonly name: string; readonly value: unknown };

function projectThing(object: unknown): Thing {
  const { metadata, value } = object as ReturnType<typeof rawThing>;
  if (value === 'bad') throw new Error('a bad object');
  return { name: metadata.name, value };
}

/** Quick, so that tests do not wait; a watch that stays silent is given up after 300 ms. */
const quick: Partial<ReflectorSettings> = {
  backoffInitialMs: 1,
  backoffMaxMs: 20,
  watchIdleTimeoutMs: 300,
  pageSize: 3,
};

describe('Reflector', () => {
  describe('where lists are streamed', () => checkReflector('sends'));
  describe('where lists come in pages', () => checkReflector('refuses'));
});

function checkReflector(streamingLists: FakeApiServer['streamingLists']): void {
  let server: FakeApiServer;
  let client: ClosableApiClient;
  let logger: RecordingLogger;
  let store: ObjectStore<Thing>;
  let reflector: Reflector<Thing>;
  let stop: AbortController;
  let running: Promise<void>;
  let changes: string[];
  const counted = { lists: 0, skipped: 0 };

  beforeEach(async () => {
    server = await startFakeApiServer();
    server.streamingLists = streamingLists;
    prepare(quick);
  });

  afterEach(async () => {
    stop.abort();
    await running;
    await client.close();
    await server.close();
  });

  function prepare(settings: Partial<ReflectorSettings>): void {
    logger = new RecordingLogger();
    client = socketClient(server, logger);
    store = new ObjectStore<Thing>(logger);
    changes = [];
    store.onChange((kind: ChangeKind, thing) => changes.push(`${kind} ${thing.name}`));
    Object.assign(counted, { lists: 0, skipped: 0 });
    reflector = new Reflector<Thing>({
      client,
      clock: systemClock,
      logger,
      resource: 'things',
      path: things,
      project: projectThing,
      store,
      settings,
      monitor: {
        addReflector: () => undefined,
        relisted: () => {
          counted.lists += 1;
        },
        skipped: () => {
          counted.skipped += 1;
        },
      },
    });
    stop = new AbortController();
    running = Promise.resolve();
  }

  function start(): void {
    running = reflector.run(stop.signal);
  }

  async function startWatching(): Promise<void> {
    start();
    await waitFor('the store is synced and watched', () => store.hasSynced && server.watcherCount > 0);
  }

  const names = (): string[] => [...store.list()].map(({ name }) => name).toSorted();
  const valueOf = (name: string): unknown => store.get(`default/${name}`)?.value;
  const asked = (isWanted: (query: URLSearchParams) => boolean): URLSearchParams[] =>
    server.requests.map(({ query }) => query).filter(isWanted);
  const pagesOf = (): URLSearchParams[] => asked((query) => !query.has('watch'));
  const watchesOf = (): URLSearchParams[] => asked((query) => query.has('watch'));
  /** Those that go on from a version. */
  const resumedOf = (): URLSearchParams[] => asked((query) => query.has('watch') && query.has('resourceVersion'));

  it('follows what is added, modified and deleted', async () => {
    await startWatching();
    server.put(things, rawThing('a', 1));
    server.put(things, rawThing('a', 2));
    server.put(things, rawThing('b', 1));
    server.remove(things, 'default/b');
    await waitFor('all arrived', () => changes.length === 4);
    expect(changes).to.deep.equal(['added a', 'updated a', 'added b', 'deleted b']);
    expect(valueOf('a')).to.equal(2);
  });

  it('asks for bookmarks and for an end of the watch', async () => {
    await startWatching();
    const watch = watchesOf().at(-1);
    expect(watch?.get('allowWatchBookmarks')).to.equal('true');
    expect(Number(watch?.get('timeoutSeconds'))).to.be.within(300, 600);
  });

  it('goes on where it was after a clean end of the watch, without a new list', async () => {
    await startWatching();
    server.put(things, rawThing('a', 1));
    await waitFor('a is there', () => valueOf('a') === 1);
    server.endWatches();
    server.put(things, rawThing('b', 1));
    await waitFor('b is there', () => valueOf('b') === 1);
    expect(watchesOf().at(-1)?.get('resourceVersion')).to.equal('101');
    expect(counted.lists).to.equal(1);
  });

  it('goes on where it was after a dropped connection, without a new list', async () => {
    await startWatching();
    server.put(things, rawThing('a', 1));
    await waitFor('a is there', () => valueOf('a') === 1);
    server.dropWatches();
    server.put(things, rawThing('b', 1));
    await waitFor('b is there', () => valueOf('b') === 1);
    expect(counted.lists).to.equal(1);
  });

  it('resumes from the last bookmark, so that old history may be forgotten', async () => {
    await startWatching();
    for (let index = 0; index < 5; index++) server.put('/api/v1/others', rawThing(`other${index}`));
    server.bookmark(things);
    server.compact();
    await waitFor('the bookmark was read', () => reflector.syncAgeMs < 50);
    server.put(things, rawThing('after', 1));
    await waitFor('the event after it came', () => valueOf('after') === 1);
    server.endWatches();
    await waitFor('watched again', () => Number(resumedOf().at(-1)?.get('resourceVersion')) > 105);
    expect(counted.lists).to.equal(1);
  });

  it('lists anew when its version is too old (410), and finds what was added, changed and deleted meanwhile', async () => {
    server.put(things, rawThing('stays', 1));
    server.put(things, rawThing('changes', 1));
    server.put(things, rawThing('goes', 1));
    await startWatching();
    changes = [];
    server.silently(() => {
      server.put(things, rawThing('changes', 2));
      server.remove(things, 'default/goes');
      server.put(things, rawThing('comes', 1));
    });
    server.compact();
    server.dropWatches();
    await waitFor('listed again', () => counted.lists === 2);
    expect(names()).to.deep.equal(['changes', 'comes', 'stays']);
    expect(valueOf('changes')).to.equal(2);
    expect(changes).to.include.members(['deleted goes', 'added comes', 'updated changes']);
    expect(changes).not.to.include('deleted changes');
  });

  it('survives a connection that is cut at any byte of an event', async () => {
    server.put(things, rawThing('a', 0));
    await startWatching();
    const length = JSON.stringify({ type: 'MODIFIED', object: server.get(things, 'default/a') }).length + 2;
    for (let bytes = 0; bytes <= length; bytes++) {
      await waitFor('a watch is open', () => server.watcherCount === 1);
      await server.cutNextEvent(things, () => server.put(things, rawThing('a', bytes)), 'MODIFIED', bytes);
      await waitFor(`the value after a cut at byte ${bytes} has come`, () => valueOf('a') === bytes);
    }
    expect(counted).to.deep.equal({ lists: 1, skipped: 0 });
  }).timeout(30_000);

  it('reads events that arrive in pieces, and characters cut in two', async () => {
    await startWatching();
    const object = rawThing('slow', 'grüße 🌍');
    const line = Buffer.from(`${JSON.stringify({ type: 'ADDED', object })}\n`);
    const pieces: Buffer[] = [];
    for (let at = 0; at < line.length; at += 7) pieces.push(line.subarray(at, at + 7));
    for (const piece of pieces) {
      server.write(things, piece as unknown as string);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await waitFor('it is there', () => valueOf('slow') === 'grüße 🌍');
  });

  it('skips and counts a bad object, and goes on', async () => {
    server.put(things, rawThing('bad', 'bad'));
    await startWatching();
    server.put(things, rawThing('also-bad', 'bad'));
    server.write(things, `${JSON.stringify({ type: 'ADDED', object: { metadata: {} } })}\n`);
    server.put(things, rawThing('good', 1));
    await waitFor('the good one is there', () => valueOf('good') === 1);
    expect(names()).to.deep.equal(['good']);
    expect(counted).to.deep.equal({ lists: 1, skipped: 3 });
  });

  it('keeps what it knew of an object that turned bad, also over a new list', async () => {
    server.put(things, rawThing('a', 1));
    await startWatching();
    server.put(things, rawThing('a', 'bad'));
    server.silently(() => server.put(things, rawThing('b', 1)));
    server.compact();
    server.dropWatches();
    await waitFor('listed again', () => counted.lists === 2);
    expect(valueOf('a')).to.equal(1);
  });

  it('lists anew after garbage in a watch, as nobody knows what it was', async () => {
    await startWatching();
    server.silently(() => server.put(things, rawThing('hidden', 1)));
    server.write(things, '<html>502 Bad Gateway</html>\n');
    await waitFor('the hidden one was found', () => valueOf('hidden') === 1);
    expect(counted).to.deep.equal({ lists: 2, skipped: 1 });
  });

  it('gives up a watch that says nothing and watches again from the same version', async () => {
    await startWatching();
    await waitFor('a second watch', () => resumedOf().length >= 2);
    expect(new Set(resumedOf().map((query) => query.get('resourceVersion')))).to.deep.equal(new Set(['100']));
    expect(counted.lists).to.equal(1);
  });

  it('pauses between watches that end at once, growing longer', async () => {
    prepare({ ...quick, backoffInitialMs: 10, backoffMaxMs: 40 });
    server.intercept = (request, response) => {
      if (!request.query.has('watch')) return false;
      response.writeHead(200).end();
      return true;
    };
    start();
    await waitFor('some watches', () => watchesOf().length >= 3);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(watchesOf().length).to.be.below(20);
  });

  it('asks again when a list hangs', async () => {
    prepare({ ...quick, pageDeadlineMs: 50 });
    server.put(things, rawThing('a', 1));
    server.intercept = () => server.requests.length < 3;
    start();
    await waitFor('synced', () => store.hasSynced);
    expect(store.size).to.equal(1);
  });

  it('says once that it may not list, and once that it may again', async () => {
    let forbidden = true;
    server.intercept = (_request, response) => {
      if (forbidden) send(response, 403, status(403, 'Forbidden', 'things is forbidden'));
      return forbidden;
    };
    start();
    await waitFor('several tries', () => pagesOf().length >= 3);
    forbidden = false;
    await waitFor('synced', () => store.hasSynced);
    const said = logger.lines.filter(({ level }) => level !== 'debug').map(({ message }) => message);
    expect(said).to.deep.equal(['cannot list or watch', 'lists and watches again']);
  });

  it('keeps serving while the API server is away, reconnects when it is back, and logs one line for each', async () => {
    server.put(things, rawThing('a', 1));
    await startWatching();
    const { port } = server;
    await server.close();
    await waitFor('contact is lost', () =>
      logger.lines.some(({ message }) => message === 'API server does not answer'),
    );
    await waitFor(
      'further tries',
      () => logger.lines.filter(({ message }) => message === 'list or watch failed').length > 5,
    );
    expect(valueOf('a')).to.equal(1);
    expect(store.hasSynced).to.equal(true);
    // The new server has no history of the old one.
    server = new FakeApiServer();
    for (let index = 0; index < 9; index++) server.put(things, rawThing('b', index));
    server.compact();
    await server.listen(port);
    await waitFor('the new state is there', () => valueOf('b') === 8);
    expect(names()).to.deep.equal(['b']);
    const said = logger.lines.filter(({ level }) => level !== 'debug').map(({ message }) => message);
    expect(said).to.deep.equal(['API server does not answer', 'API server answers again']);
  });

  it('equals the server in the end, whatever sequence of changes and faults there was', async () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ kind: fc.constant('put' as const), name }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), name }) },
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constantFrom('drop', 'end', 'bookmark', 'garbage', 'pause', 'lose' as const),
          name,
        }),
      },
    );
    await startWatching();
    let value = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        for (const { kind, name } of steps) {
          value += 1;
          if (kind === 'put') server.put(things, rawThing(name, value));
          else if (kind === 'remove') server.remove(things, `default/${name}`);
          else if (kind === 'drop') server.dropWatches();
          else if (kind === 'end') server.endWatches();
          else if (kind === 'bookmark') server.bookmark(things);
          else if (kind === 'garbage') server.write(things, '}{\n');
          else if (kind === 'pause') await new Promise((resolve) => setTimeout(resolve, 2));
          else {
            // A change that no watch will ever tell of.
            server.silently(() => server.put(things, rawThing(name, value)));
            server.compact();
            server.dropWatches();
          }
        }
        // A list shows its pages one after the other, so single objects may be ahead of others for a moment.
        const all = ['a', 'b', 'c', 'd', 'e', 'f'];
        const expected = (): unknown[] => all.map((name) => server.get(things, `default/${name}`)?.['value']);
        await waitFor('store and server are equal', () => isDeepStrictEqual(all.map(valueOf), expected()));
      }),
      { numRuns: 40 },
    );
    expect(counted.lists).to.be.greaterThan(1);
  }).timeout(30_000);

  it('ends promptly on abort: while it watches, lists or pauses', async () => {
    await startWatching();
    stop.abort();
    await running;
    prepare({ ...quick, backoffInitialMs: 60_000, backoffMaxMs: 60_000 });
    const askedBefore = server.requests.length;
    server.intercept = () => true; // says nothing
    start();
    await waitFor('the list was asked for', () => server.requests.length > askedBefore);
    stop.abort();
    await running;
    prepare({ ...quick, backoffInitialMs: 60_000, backoffMaxMs: 60_000 });
    server.intercept = (_request, response) => {
      send(response, 500, status(500, 'InternalError', 'no'));
      return true;
    };
    start();
    await waitFor('it pauses', () => logger.lines.length > 0);
    stop.abort();
    await running;
  });

  it('knows how long ago the API server last said anything', async () => {
    expect(reflector.syncAgeMs).to.equal(Number.POSITIVE_INFINITY);
    await startWatching();
    expect(reflector.syncAgeMs).to.be.below(1_000);
  });

  if (streamingLists === 'refuses') checkPages();

  function checkPages(): void {
    it('reads a list in pages and is synced only when the last has come', async () => {
      for (let index = 0; index < 8; index++) server.put(things, rawThing(`t${index}`));
      start();
      await waitFor('synced', () => store.hasSynced);
      expect(store.size).to.equal(8);
      expect(pagesOf().map((query) => query.get('limit'))).to.deep.equal(['3', '3', '3']);
      expect(pagesOf().map((query) => query.has('continue'))).to.deep.equal([false, true, true]);
      expect(counted.lists).to.equal(1);
    });

    describe('shows a new list to its readers all at once', () => {
      /** Seven objects of value 1 become seven others of value 2 while no watch tells; the second page of the list that finds out gets this answer. */
      async function relist(answerSecondPage: (response: ServerResponse) => boolean): Promise<void> {
        for (let index = 0; index < 7; index++) server.put(things, rawThing(`t${index}`, 1));
        await startWatching();
        server.silently(() => {
          for (let index = 0; index < 6; index++) server.put(things, rawThing(`t${index}`, 2));
          server.remove(things, 'default/t6');
          server.put(things, rawThing('t7', 2));
        });
        let isFirst = true;
        server.intercept = ({ query }, response) => {
          if (!query.has('continue') || !isFirst) return false;
          isFirst = false;
          return answerSecondPage(response);
        };
        server.compact();
        server.dropWatches();
      }

      /** All that is in the store now. */
      const state = (): string =>
        [...store.list()]
          .map(({ name, value }) => `${name}=${String(value)}`)
          .toSorted()
          .join(' ');
      const old = 't0=1 t1=1 t2=1 t3=1 t4=1 t5=1 t6=1';
      const fresh = 't0=2 t1=2 t2=2 t3=2 t4=2 t5=2 t7=2';

      beforeEach(() => prepare({ ...quick, pageDeadlineMs: 200 }));

      it('while its pages come', async () => {
        const states = new Set<string>();
        let isHeld = false;
        await relist(() => (isHeld = true));
        await waitFor('the second page is asked for', () => isHeld);
        expect(state()).to.equal(old);
        // It is never answered; the reflector asks anew.
        await waitFor('listed again', () => {
          states.add(state());
          return counted.lists === 2;
        });
        expect([...states]).to.deep.equal([old, fresh]);
      });

      it('and nothing of one that breaks off', async () => {
        let isBroken = false;
        await relist((response) => {
          isBroken = true;
          server.intercept = () => true;
          send(response, 500, status(500, 'InternalError', 'etcd is away'));
          return true;
        });
        await waitFor('the list broke off', () => isBroken && logger.lines.some(({ level }) => level === 'warn'));
        expect(state()).to.equal(old);
      });
    });

    it('starts the list over when its continue token has expired', async () => {
      for (let index = 0; index < 5; index++) server.put(things, rawThing(`t${index}`));
      let expired = false;
      server.intercept = (request, response) => {
        if (!request.query.has('continue') || expired) return false;
        expired = true;
        send(response, 410, status(410, 'Expired', 'the continue token is too old'));
        return true;
      };
      start();
      await waitFor('synced', () => store.hasSynced);
      expect(store.size).to.equal(5);
    });
  }
}
