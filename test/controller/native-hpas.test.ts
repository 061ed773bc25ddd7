import { expect } from 'chai';
import {
  createNativeHpas,
  type NativeHpas,
  type NativeHpasMode,
  type NativeHpasOwner,
} from '../../src/controller/native-hpas.ts';
import { FakeAutoscalerApi } from '../support/controller-fakes.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RecordingLogger } from '../support/recording-logger.ts';

const syncPeriodMs = 15_000;
const namespace = 'headroom-system';
const name = 'headroom-canary';

describe('who owns native HPAs', () => {
  let clock: FakeClock;
  let logger: RecordingLogger;
  let api: FakeAutoscalerApi;
  let isLeader: boolean;
  let owners: NativeHpasOwner[];
  let stopping: AbortController;
  let running: Promise<void>;

  const start = async (mode: NativeHpasMode = 'auto'): Promise<NativeHpas> => {
    const native = createNativeHpas({
      mode,
      namespace,
      syncPeriodMs,
      clock,
      logger,
      api,
      hpas: api.stores.HorizontalPodAutoscaler,
      isLeader: () => isLeader,
    });
    running = native.run(stopping.signal, (owner) => owners.push(owner));
    await clock.advance(0);
    return native;
  };

  const stop = async (): Promise<void> => {
    stopping.abort();
    await clock.advance(0);
    await running;
  };

  /** What kube-controller-manager's HPA controller does to an HPA whose target does not exist. */
  const writeStatus = (): void => {
    const canary = api.get('HorizontalPodAutoscaler', namespace, name);
    const status = {
      conditions: [{ type: 'AbleToScale', status: 'False', reason: 'FailedGetScale', message: 'not found' }],
    };
    api.put({ namespace, name, uid: canary?.metadata.uid ?? 'uid-old', spec: canary?.spec ?? {}, status });
  };

  beforeEach(() => {
    clock = new FakeClock();
    logger = new RecordingLogger();
    api = new FakeAutoscalerApi(logger);
    isLeader = true;
    owners = [];
    stopping = new AbortController();
  });

  afterEach(stop);

  it('always ours, or never, without a canary', async () => {
    expect((await start('always')).owner).to.equal('ours');
    expect((await start('never')).owner).to.equal('theirs');
    expect(api.requests).to.deep.equal([]);
  });

  it('is unknown until a canary was left alone for three sync periods, then ours', async () => {
    const native = await start();
    expect(native.owner).to.equal('unknown');
    await clock.advance(44_000);
    expect(native.owner).to.equal('unknown');
    await clock.advance(6_000);
    expect(native.owner).to.equal('ours');
    expect(owners).to.deep.equal(['ours']);
    expect(api.requests.map(({ method }) => method)).to.deep.equal(['POST']);
  });

  it('theirs as soon as somebody writes the status of the canary; said once', async () => {
    const native = await start();
    await clock.advance(14_000);
    writeStatus();
    expect(native.owner).to.equal('theirs');
    await clock.advance(60_000);
    expect(owners).to.deep.equal(['theirs']);
    expect(logger.lines.map(({ level, message }) => `${level} ${message}`)).to.deep.equal([
      'info native HPAs are left alone: somebody else writes their status',
    ]);
  });

  it('theirs also when they come later', async () => {
    const native = await start();
    await clock.advance(600_000);
    expect(native.owner).to.equal('ours');
    writeStatus();
    expect(native.owner).to.equal('theirs');
  });

  it('asks again after five minutes with a new canary: ours when they are gone', async () => {
    const native = await start();
    writeStatus();
    await clock.advance(290_000);
    expect(api.requests.map(({ method }) => method)).to.deep.equal(['POST']);
    await clock.advance(15_000);
    expect(api.requests.map(({ method }) => method)).to.deep.equal(['POST', 'DELETE', 'POST']);
    expect(native.owner).to.equal('theirs');
    await clock.advance(60_000);
    expect(native.owner).to.equal('ours');
    expect(owners).to.deep.equal(['theirs', 'ours']);
  });

  it('asks again every five minutes when they are not', async () => {
    await start();
    for (let minute = 0; minute < 11; minute++) {
      writeStatus();
      await clock.advance(60_000);
    }
    expect(owners).to.deep.equal(['theirs']);
    expect(api.requests.filter(({ method }) => method === 'DELETE')).to.have.length(2);
  });

  it('does not believe a canary that was written before this process led', async () => {
    writeStatus();
    const native = await start();
    expect(api.requests.map(({ method }) => method)).to.deep.equal(['DELETE', 'POST']);
    expect(native.owner).to.equal('theirs');
    await clock.advance(51_000);
    expect(native.owner).to.equal('ours');
  });

  it('a follower makes no canary, but draws the same conclusions, and leads without asking', async () => {
    api.put({ namespace, name, uid: 'made-by-leader' });
    isLeader = false;
    const native = await start();
    await clock.advance(51_000);
    expect(native.owner).to.equal('ours');
    isLeader = true;
    await clock.advance(51_000);
    expect(api.requests).to.deep.equal([]);
  });

  it('stays as it was while there is no canary', async () => {
    const native = await start();
    await clock.advance(51_000);
    api.intercept = () => {
      throw new Error('forbidden');
    };
    api.delete('HorizontalPodAutoscaler', namespace, name);
    await clock.advance(60_000);
    expect(native.owner).to.equal('ours');
  });

  it('a canary that cannot be made is reported once per problem, and tried again', async () => {
    api.intercept = () => {
      throw new Error('horizontalpodautoscalers.autoscaling is forbidden');
    };
    const native = await start();
    await clock.advance(60_000);
    expect(native.owner).to.equal('unknown');
    expect(logger.lines.map(({ level, message }) => `${level} ${message}`)).to.deep.equal(['warn canary HPA not made']);
    api.intercept = () => undefined;
    await clock.advance(60_000);
    expect(native.owner).to.equal('ours');
  });

  it('removes the canary at the end', async () => {
    await start();
    expect(api.get('HorizontalPodAutoscaler', namespace, name)).not.to.equal(undefined);
    await stop();
    expect(api.get('HorizontalPodAutoscaler', namespace, name)).to.equal(undefined);
  });

  it('knows the canary by kind, namespace and name', async () => {
    const native = await start();
    expect(native.isCanary({ kind: 'HorizontalPodAutoscaler', namespace, name })).to.equal(true);
    expect(native.isCanary({ kind: 'HeadroomAutoscaler', namespace, name })).to.equal(false);
    expect(native.isCanary({ kind: 'HorizontalPodAutoscaler', namespace: 'shop', name })).to.equal(false);
  });
});
