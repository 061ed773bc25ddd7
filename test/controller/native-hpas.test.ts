import { expect } from 'chai';
import { createNativeHpas, type NativeHpas, type NativeHpasMode } from '../../src/controller/native-hpas.ts';
import type { NativeHpasOwner } from '../../src/controller/native-ownership.ts';
import { HeadroomError } from '../../src/lib/errors.ts';
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
      random: () => 0,
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

  const conditions = (): readonly unknown[] => {
    const canary = api.get('HorizontalPodAutoscaler', namespace, name);
    return (canary?.status['conditions'] ?? []) as readonly unknown[];
  };

  /** A status of some HPA, as the API server tells it: who wrote it, and when. */
  const putWeb = (...writers: readonly string[]): void => {
    const managedFields = writers.map((writer) => {
      const [manager, time] = writer.split(' ');
      return { manager, operation: 'Update', subresource: 'status', time };
    });
    api.put({ namespace: 'shop', name: 'web', uid: 'web', managedFields });
  };

  /** What was written, reads left out. */
  const writes = (): readonly string[] => api.requests.map(({ method }) => method).filter((method) => method !== 'GET');

  const failAll = (error: Error): void => {
    api.intercept = () => {
      throw error;
    };
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
    await clock.advance(12_000);
    expect(native.owner).to.equal('ours');
    expect(owners).to.deep.equal(['ours']);
    expect(writes()).to.deep.equal(['POST']);
  });

  it('asks nothing any more when that is settled', async () => {
    await start();
    await clock.advance(60_000);
    api.requests.length = 0;
    await clock.advance(3_600_000);
    expect(api.requests).to.deep.equal([]);
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

  it('theirs when the canary was written and the watch does not say so', async () => {
    const native = await start();
    await clock.advance(20_000);
    api.lags = true;
    writeStatus();
    await clock.advance(5_000);
    expect(native.owner).to.equal('theirs');
  });

  describe('theirs by a write of any HPA', () => {
    const kcm = 'kube-controller-manager';
    const check = (title: string, before: readonly string[], after: readonly string[], owner: string): void => {
      it(title, async () => {
        putWeb(...before);
        const native = await start();
        await clock.advance(60_000);
        expect(native.owner).to.equal('ours');
        putWeb(...after);
        expect(native.owner).to.equal(owner);
      });
    };
    check('of a manager that is new', [], [`${kcm} 10:00`], 'theirs');
    check(
      'of a manager that is back',
      [`${kcm} 10:00`, 'headroom 11:00'],
      [`${kcm} 12:00`, 'headroom 11:00'],
      'theirs',
    );
    check('but not what it wrote before', [`${kcm} 10:00`], [`${kcm} 10:00`, 'headroom 11:00'], 'ours');
    check('but not of another replica of Headroom', ['headroom 10:00'], ['headroom 11:00'], 'ours');
    check('but not when one has nothing left in it', [`${kcm} 10:00`, 'headroom 11:00'], ['headroom 11:00'], 'ours');

    it('before the canary had its turn', async () => {
      putWeb();
      const native = await start();
      await clock.advance(1_000);
      putWeb(`${kcm} 10:00`);
      expect(native.owner).to.equal('theirs');
      expect(logger.lines.map(({ fields }) => fields)).to.deep.equal([{ hpa: 'shop/web', by: [`${kcm} 10:00`] }]);
    });

    it('but not of one made anew under the same name', async () => {
      const native = await start();
      await clock.advance(60_000);
      putWeb();
      api.put({
        namespace: 'shop',
        name: 'web',
        uid: 'another',
        managedFields: [{ manager: kcm, subresource: 'status' }],
      });
      expect(native.owner).to.equal('ours');
    });
  });

  it('asks again three minutes later with a new canary: ours when they are gone', async () => {
    const native = await start();
    writeStatus();
    await clock.advance(175_000);
    expect(writes()).to.deep.equal(['POST']);
    await clock.advance(10_000);
    expect(writes()).to.deep.equal(['POST', 'DELETE', 'POST']);
    await clock.advance(115_000);
    expect(native.owner).to.equal('theirs');
    await clock.advance(15_000);
    expect(native.owner).to.equal('ours');
    expect(owners).to.deep.equal(['theirs', 'ours']);
  });

  it('replaces a canary once, however late the cache learns of it', async () => {
    await start();
    writeStatus();
    api.lags = true;
    await clock.advance(220_000);
    expect(writes()).to.deep.equal(['POST', 'DELETE', 'POST']);
  });

  it('asks again every three minutes when they are not', async () => {
    await start();
    for (let minute = 0; minute < 11; minute++) {
      if (conditions().length === 0) writeStatus();
      await clock.advance(60_000);
    }
    expect(owners).to.deep.equal(['theirs']);
    expect(writes().filter((method) => method === 'DELETE')).to.have.length(3);
  });

  it('does not take a list that brings the same canary again for a new sign of them', async () => {
    await start();
    writeStatus();
    for (let second = 0; second < 200; second++) {
      await clock.advance(1_000);
      api.catchUp();
    }
    expect(writes()).to.deep.equal(['POST', 'DELETE', 'POST']);
  });

  it('does not believe a canary that was written before this process led', async () => {
    writeStatus();
    const native = await start();
    expect(writes()).to.deep.equal(['DELETE', 'POST']);
    expect(native.owner).to.equal('unknown');
    await clock.advance(56_000);
    expect(native.owner).to.equal('ours');
  });

  it('a follower believes it, as the leader would have replaced it', async () => {
    writeStatus();
    isLeader = false;
    const native = await start();
    expect(native.owner).to.equal('theirs');
    expect(api.requests).to.deep.equal([]);
  });

  it('a follower makes no canary, but draws the same conclusions, and leads without asking', async () => {
    api.put({ namespace, name, uid: 'made-by-leader' });
    isLeader = false;
    const native = await start();
    await clock.advance(51_000);
    expect(native.owner).to.equal('ours');
    isLeader = true;
    await clock.advance(51_000);
    expect(writes()).to.deep.equal([]);
  });

  it('a leader that found them hands that on: a follower that takes over asks before it scales', async () => {
    api.put({ namespace, name, uid: 'made-by-leader' });
    isLeader = false;
    const native = await start();
    await clock.advance(20_000);
    writeStatus();
    isLeader = true;
    await clock.advance(170_000);
    expect(native.owner).to.equal('theirs');
    expect(writes()).to.deep.equal([]);
  });

  it('does not count the time in which the API server is away', async () => {
    const native = await start();
    await clock.advance(40_000);
    failAll(new HeadroomError('API_REQUEST_FAILED', 'connect ECONNREFUSED'));
    await clock.advance(600_000);
    api.intercept = () => undefined;
    await clock.advance(44_000);
    expect(native.owner).to.equal('unknown');
    await clock.advance(12_000);
    expect(native.owner).to.equal('ours');
    expect(logger.lines.map(({ level }) => level)).to.deep.equal(['info']);
  });

  it('does not count the time in which this process stood still', async () => {
    const native = await start();
    await clock.advance(30_000);
    clock.standStill(600_000);
    await clock.advance(20_000);
    expect(native.owner).to.equal('unknown');
  });

  it('stays as it was while there is no canary', async () => {
    const native = await start();
    await clock.advance(60_000);
    failAll(new Error('forbidden'));
    api.delete('HorizontalPodAutoscaler', namespace, name);
    await clock.advance(60_000);
    expect(native.owner).to.equal('ours');
  });

  it('a canary that cannot be made is reported once per problem, and tried again', async () => {
    failAll(new Error('horizontalpodautoscalers.autoscaling is forbidden'));
    const native = await start();
    await clock.advance(60_000);
    expect(native.owner).to.equal('unknown');
    expect(logger.lines.map(({ level, message }) => `${level} ${message}`)).to.deep.equal(['warn canary HPA not made']);
    api.intercept = () => undefined;
    await clock.advance(60_000);
    expect(native.owner).to.equal('ours');
  });

  it('a canary that cannot be read is reported likewise', async () => {
    await start();
    failAll(new Error('horizontalpodautoscalers.autoscaling "headroom-canary" is forbidden'));
    await clock.advance(60_000);
    expect(logger.lines.map(({ level, message }) => `${level} ${message}`)).to.deep.equal(['warn canary HPA not read']);
  });

  it('removes the canary at the end', async () => {
    await start();
    expect(api.get('HorizontalPodAutoscaler', namespace, name)).not.to.equal(undefined);
    await stop();
    expect(api.get('HorizontalPodAutoscaler', namespace, name)).to.equal(undefined);
  });

  it('removes no canary that another leader made', async () => {
    await start();
    const deleted = (): readonly unknown[] =>
      api.requests
        .filter(({ method }) => method === 'DELETE')
        .map(({ body }) => (body as { preconditions: { uid: string } }).preconditions.uid);
    const ours = api.get('HorizontalPodAutoscaler', namespace, name)?.metadata.uid;
    isLeader = false;
    api.put({ namespace, name, uid: 'of-the-next-leader' });
    await stop();
    expect(deleted()).to.deep.equal([ours]);
  });

  it('knows the canary by kind, namespace and name', async () => {
    const native = await start();
    expect(native.isCanary({ kind: 'HorizontalPodAutoscaler', namespace, name })).to.equal(true);
    expect(native.isCanary({ kind: 'HeadroomAutoscaler', namespace, name })).to.equal(false);
    expect(native.isCanary({ kind: 'HorizontalPodAutoscaler', namespace: 'shop', name })).to.equal(false);
  });
});
