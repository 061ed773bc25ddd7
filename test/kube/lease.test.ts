import { expect } from 'chai';
import { ApiStatusError } from '../../src/kube/api-status-error.ts';
import { LeaderElector } from '../../src/kube/lease.ts';
import type { ApiClient, ApiRequest } from '../../src/kube/types.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { HeadroomError } from '../../src/lib/errors.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RecordingLogger } from '../support/recording-logger.ts';

interface LeaseObject {
  readonly metadata: { readonly name: string; readonly resourceVersion: string; readonly labels?: object };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** One Lease with optimistic locking, as an ApiClient; can be cut off per candidate. */
class FakeLeases {
  lease: LeaseObject | undefined;
  #version = 0;

  client(isCutOff: () => boolean = () => false): ApiClient {
    return {
      stream: () => Promise.reject(new Error('not used')),
      request: async <T>({ method, body }: ApiRequest): Promise<T> => {
        if (isCutOff()) throw new HeadroomError('API_REQUEST_FAILED', 'cut off');
        return this.#answer(method, body as LeaseObject) as T;
      },
    };
  }

  #answer(method: string, sent: LeaseObject): LeaseObject {
    if (method === 'POST' && this.lease !== undefined) throw new ApiStatusError({ code: 409, reason: 'AlreadyExists' });
    if (method !== 'POST' && this.lease === undefined) throw new ApiStatusError({ code: 404, reason: 'NotFound' });
    if (method === 'GET' && this.lease !== undefined) return this.lease;
    if (method === 'PUT' && this.lease?.metadata.resourceVersion !== sent.metadata.resourceVersion) {
      throw new ApiStatusError({ code: 409, reason: 'Conflict' });
    }
    this.#version += 1;
    this.lease = { ...sent, metadata: { ...sent.metadata, resourceVersion: String(this.#version) } };
    return this.lease;
  }
}

describe('leader election', () => {
  const startMs = Date.parse('2026-11-21T10:00:00Z');
  let clock: FakeClock;
  let leases: FakeLeases;
  let logger: RecordingLogger;
  let candidates: { readonly stop: AbortController; readonly running: Promise<void> }[];

  beforeEach(() => {
    clock = new FakeClock(startMs);
    leases = new FakeLeases();
    logger = new RecordingLogger();
    candidates = [];
  });

  afterEach(async () => {
    for (const { stop } of candidates) stop.abort();
    for (let round = 0; round < 4; round++) await clock.advance(10_000);
    await Promise.all(candidates.map(({ running }) => running));
  });

  interface Candidate {
    readonly elector: LeaderElector;
    readonly stop: AbortController;
    readonly history: string[];
    cutOff: boolean;
  }

  function candidate(identity: string, work?: (signal: AbortSignal) => Promise<void>): Candidate {
    const stop = new AbortController();
    const history: string[] = [];
    const state = { cutOff: false };
    const at = (): number => (clock.now() - startMs) / 1000;
    const elector = new LeaderElector({
      client: leases.client(() => state.cutOff),
      clock,
      logger: logger.child({ identity }),
      namespace: 'headroom',
      name: 'headroom',
      identity,
      random: () => 0,
      onStartedLeading: async (signal) => {
        history.push(`leads at ${at()}`);
        if (work !== undefined) await work(signal);
        else await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      },
      onStoppedLeading: () => history.push(`stopped at ${at()}`),
    });
    candidates.push({ stop, running: elector.run(stop.signal) });
    return Object.assign(state, { elector, stop, history });
  }

  it('the first candidate creates the lease and leads', async () => {
    const a = candidate('a');
    await clock.advance(0);
    expect(a.elector.isLeader).to.equal(true);
    expect(leases.lease?.spec).to.deep.equal({
      holderIdentity: 'a',
      leaseDurationSeconds: 15,
      acquireTime: '2026-11-21T10:00:00.000000Z',
      renewTime: '2026-11-21T10:00:00.000000Z',
      leaseTransitions: 0,
    });
  });

  it('leaves no timer behind that would keep the program from ending', async () => {
    let sleeping = 0;
    const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
      sleeping += 1;
      await systemClock.sleep(ms, signal);
      sleeping -= 1;
    };
    const stop = new AbortController();
    const elector = new LeaderElector({
      client: leases.client(),
      clock: { ...systemClock, sleep },
      logger,
      namespace: 'headroom',
      name: 'headroom',
      identity: 'a',
      onStartedLeading: async () => stop.abort(),
    });
    await elector.run(stop.signal);
    await new Promise((resolve) => setImmediate(resolve));
    expect(sleeping).to.equal(0);
  });

  it('renews every two seconds, keeping the time of acquisition and what others wrote into the lease', async () => {
    candidate('a');
    await clock.advance(0);
    leases.lease = leases.lease && { ...leases.lease, metadata: { ...leases.lease.metadata, labels: { team: 'x' } } };
    await clock.advance(4_000);
    expect(leases.lease?.spec['renewTime']).to.equal('2026-11-21T10:00:04.000000Z');
    expect(leases.lease?.spec['acquireTime']).to.equal('2026-11-21T10:00:00.000000Z');
    expect(leases.lease?.spec['leaseTransitions']).to.equal(0);
  });

  it('a second candidate waits and says who leads', async () => {
    candidate('a');
    await clock.advance(0);
    const b = candidate('b');
    await clock.advance(60_000);
    expect([b.elector.isLeader, b.history]).to.deep.equal([false, []]);
    const said = logger.lines
      .filter(({ level }) => level === 'info')
      .map(({ message, fields }) => `${String(fields['identity'])}: ${message}`);
    expect(said).to.deep.equal(['a: leads', 'b: another process leads']);
  });

  it('a leader that stops gives the lease up once its work has ended, and the other takes it at its next try', async () => {
    let wroteAtMs = 0;
    const a = candidate('a', async (signal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      await clock.sleep(500);
      wroteAtMs = clock.now();
    });
    await clock.advance(0);
    const b = candidate('b');
    await clock.advance(10_000);
    a.stop.abort();
    await clock.advance(3_000);
    expect(a.history).to.deep.equal(['leads at 0', 'stopped at 10.5']);
    expect(b.history).to.deep.equal(['leads at 12']);
    expect(wroteAtMs).to.equal(startMs + 10_500);
    expect(leases.lease?.spec['leaseTransitions']).to.equal(1);
  });

  it('a leader without contact stops leading before another may start', async () => {
    const a = candidate('a');
    await clock.advance(0);
    const b = candidate('b');
    await clock.advance(20_000);
    a.cutOff = true;
    await clock.advance(60_000);
    const stoppedAt = Number(a.history.at(1)?.replace('stopped at ', ''));
    const startedAt = Number(b.history.at(0)?.replace('leads at ', ''));
    expect(stoppedAt).to.be.within(30, 34);
    expect(startedAt).to.be.within(stoppedAt + 1, 40);
    expect(a.elector.isLeader).to.equal(false);
    // Back in contact, it waits like any other.
    a.cutOff = false;
    await clock.advance(10_000);
    expect([a.elector.isLeader, b.elector.isLeader]).to.deep.equal([false, true]);
  });

  it('a leader that stood still for longer than its lease does not lead, even before its timers have run', async () => {
    const a = candidate('a');
    await clock.advance(0);
    expect(a.elector.isLeader).to.equal(true);
    clock.monotonic = () => startMs + 15_000;
    expect(a.elector.isLeader).to.equal(false);
  });

  it('a short loss of contact changes nothing', async () => {
    const a = candidate('a');
    await clock.advance(0);
    a.cutOff = true;
    await clock.advance(8_000);
    a.cutOff = false;
    await clock.advance(60_000);
    expect(a.history).to.deep.equal(['leads at 0']);
  });

  it('a leader whose lease was taken stops at once', async () => {
    const a = candidate('a');
    await clock.advance(0);
    const spec = { ...leases.lease?.spec, holderIdentity: 'thief', renewTime: '2026-11-21T10:00:01.000000Z' };
    leases.lease = { metadata: { name: 'headroom', resourceVersion: '999' }, spec };
    await clock.advance(2_000);
    expect(a.history).to.deep.equal(['leads at 0', 'stopped at 2']);
  });

  it('takes a lease that its holder left behind, after the duration on its own clock, whatever times it holds', async () => {
    const spec = {
      holderIdentity: 'dead',
      leaseDurationSeconds: 15,
      renewTime: '2030-01-01T00:00:00.000000Z',
      leaseTransitions: 4,
    };
    leases.lease = { metadata: { name: 'headroom', resourceVersion: '1' }, spec };
    const a = candidate('a');
    await clock.advance(15_000);
    expect(a.elector.isLeader).to.equal(false);
    await clock.advance(2_000);
    expect(a.elector.isLeader).to.equal(true);
    expect(leases.lease.spec['leaseTransitions']).to.equal(5);
  });

  it('takes a lease that nobody holds at once', async () => {
    leases.lease = {
      metadata: { name: 'headroom', resourceVersion: '1' },
      spec: { holderIdentity: '', leaseDurationSeconds: 1 },
    };
    const a = candidate('a');
    await clock.advance(0);
    expect(a.elector.isLeader).to.equal(true);
  });

  it('of two candidates that start at once, one leads', async () => {
    const both = [candidate('a'), candidate('b')];
    await clock.advance(30_000);
    expect(both.filter(({ elector }) => elector.isLeader)).to.have.length(1);
  });

  it('work that hangs when it should end does not keep the lease', async () => {
    const a = candidate('a', () => new Promise(() => undefined));
    await clock.advance(0);
    a.stop.abort();
    await clock.advance(10_000);
    expect(leases.lease?.spec['holderIdentity']).to.equal('');
  });
});
