import { expect } from 'chai';
import { ApiStatusError } from '../../src/kube/api-status-error.ts';
import { type ClosableEventRecorder, createEventRecorder } from '../../src/kube/event-recorder.ts';
import type { ApiClient, ApiRequest, EventView } from '../../src/kube/types.ts';
import { HeadroomError } from '../../src/lib/errors.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RecordingLogger } from '../support/recording-logger.ts';

const regarding = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  namespace: 'default',
  name: 'web',
  uid: 'u1',
  resourceVersion: '7',
};

function event(message: string, over: Partial<EventView> = {}): EventView {
  return { type: 'Normal', reason: 'SuccessfulRescale', message, regarding, ...over };
}

interface Written {
  readonly method: string;
  readonly path: string;
  readonly contentType: string | undefined;
  readonly body: Record<string, unknown>;
}

describe('the event recorder', () => {
  const startMs = Date.parse('2026-11-21T10:00:00.500Z');
  let clock: FakeClock;
  let logger: RecordingLogger;
  let written: Written[];
  let answer: (request: ApiRequest) => void;
  let recorder: ClosableEventRecorder;

  beforeEach(() => {
    clock = new FakeClock(startMs);
    logger = new RecordingLogger();
    written = [];
    answer = () => undefined;
    const client: ApiClient = {
      request: async <T>(request: ApiRequest): Promise<T> => {
        const { method, path, contentType, body } = request;
        written.push({ method, path, contentType, body: body as Record<string, unknown> });
        answer(request);
        return {} as T;
      },
      stream: () => Promise.reject(new Error('not used')),
    };
    recorder = createEventRecorder({
      client,
      clock,
      logger,
      component: 'horizontal-pod-autoscaler',
      random: () => 0.5,
    });
  });

  afterEach(async () => {
    const closed = recorder.close(0);
    await clock.advance(1);
    await closed;
  });

  const summary = (): string[] =>
    written.map(({ method, body }) => `${method} ${String(body['message'])} x${String(body['count'])}`);

  it('writes an event as the recorder of kube-controller-manager does (H-54)', async () => {
    recorder.publish(event('New size: 3; reason: cpu above target'));
    await clock.advance(0);
    const name = `web.${(BigInt(startMs) * 1_000_000n).toString(16)}`;
    expect(written).to.deep.equal([
      {
        method: 'POST',
        path: '/api/v1/namespaces/default/events',
        contentType: undefined,
        body: {
          apiVersion: 'v1',
          kind: 'Event',
          metadata: { name, namespace: 'default' },
          involvedObject: regarding,
          reason: 'SuccessfulRescale',
          message: 'New size: 3; reason: cpu above target',
          source: { component: 'horizontal-pod-autoscaler' },
          firstTimestamp: '2026-11-21T10:00:00Z',
          lastTimestamp: '2026-11-21T10:00:00Z',
          count: 1,
          type: 'Normal',
          reportingComponent: 'horizontal-pod-autoscaler',
          reportingInstance: '',
        },
      },
    ]);
  });

  it('counts an identical event on the one that is there, whatever the resourceVersion', async () => {
    recorder.publish(event('same'));
    await clock.advance(20_000);
    recorder.publish(event('same', { regarding: { ...regarding, resourceVersion: '8' } }));
    await clock.advance(0);
    const created = written[0]?.body['metadata'] as { name: string };
    expect(written[1]).to.deep.equal({
      method: 'PATCH',
      path: `/api/v1/namespaces/default/events/${created.name}`,
      contentType: 'application/strategic-merge-patch+json',
      body: { count: 2, lastTimestamp: '2026-11-21T10:00:20Z', message: 'same' },
    });
  });

  it('gives no two events one name', async () => {
    recorder.publish(event('one'));
    recorder.publish(event('two'));
    await clock.advance(0);
    const names = written.map(({ body }) => (body['metadata'] as { name: string }).name);
    expect(new Set(names).size).to.equal(2);
  });

  it('shortens the name of an object that leaves no room for the rest', async () => {
    recorder.publish(event('one', { regarding: { ...regarding, name: `${'a'.repeat(235)}.${'b'.repeat(17)}` } }));
    await clock.advance(0);
    const metadata = written[0]?.body['metadata'] as { name: string };
    expect(metadata.name).to.match(/^a{235}\.[0-9a-f]{16}$/);
    expect(written[0]?.body['involvedObject']).to.have.property('name').with.length(253);
  });

  it('writes an event anew, with its count, when the one to count on is gone', async () => {
    recorder.publish(event('same'));
    await clock.advance(0);
    answer = ({ method }) => {
      if (method === 'PATCH') throw new ApiStatusError({ code: 404, reason: 'NotFound', message: 'gone' });
    };
    recorder.publish(event('same'));
    await clock.advance(0);
    expect(summary()).to.deep.equal(['POST same x1', 'PATCH same x2', 'POST same x2']);
  });

  it('combines the tenth different message of one reason within ten minutes, and those after it', async () => {
    for (let index = 1; index <= 12; index++) recorder.publish(event(`message ${index}`));
    await clock.advance(0);
    expect(summary().slice(8)).to.deep.equal([
      'POST message 9 x1',
      'POST (combined from similar events): message 10 x1',
      'PATCH (combined from similar events): message 11 x2',
      'PATCH (combined from similar events): message 12 x3',
    ]);
    expect(written[9]?.body['reportingComponent']).to.equal('');
    expect(written[9]?.body['source']).to.deep.equal({ component: 'horizontal-pod-autoscaler' });
  });

  it('starts over with similar events after ten minutes without one', async () => {
    for (let index = 1; index <= 9; index++) recorder.publish(event(`message ${index}`));
    await clock.advance(600_001);
    recorder.publish(event('message 10'));
    await clock.advance(0);
    expect(summary().at(-1)).to.equal('POST message 10 x1');
  });

  it('drops what is more than 25 events of one type about an object, and lets one through every five minutes', async () => {
    for (let index = 0; index < 40; index++) recorder.publish(event('again'));
    await clock.advance(0);
    expect(written).to.have.length(25);
    recorder.publish(event('a warning', { type: 'Warning' }));
    await clock.advance(0);
    expect(written).to.have.length(26);
    await clock.advance(300_000);
    recorder.publish(event('again'));
    recorder.publish(event('again'));
    await clock.advance(0);
    expect(written).to.have.length(27);
    // Dropped events are counted all the same.
    expect(summary().at(-1)).to.equal('PATCH again x41');
  });

  it('tries again when nothing answers, and keeps the order', async () => {
    answer = () => {
      if (written.length < 3) throw new HeadroomError('API_REQUEST_FAILED', 'away');
    };
    recorder.publish(event('first'));
    recorder.publish(event('second'));
    await clock.advance(5_000);
    await clock.advance(10_000);
    expect(summary()).to.deep.equal(['POST first x1', 'POST first x1', 'POST first x1', 'POST second x1']);
  });

  it('gives an event up after twelve tries', async () => {
    answer = () => {
      throw new HeadroomError('API_REQUEST_FAILED', 'away');
    };
    recorder.publish(event('lost'));
    await clock.advance(200_000);
    expect(written).to.have.length(12);
  });

  it('writes events also after the clock was set back by a day', async () => {
    recorder.publish(event('before'));
    await clock.advance(0);
    clock.now = () => startMs - 86_400_000;
    recorder.publish(event('after'));
    await clock.advance(0);
    expect(summary()).to.deep.equal(['POST before x1', 'POST after x1']);
  });

  it('drops what the API server rejects', async () => {
    answer = () => {
      throw new ApiStatusError({ code: 403, reason: 'Forbidden', message: 'no' });
    };
    recorder.publish(event('one'));
    await clock.advance(60_000);
    expect(written).to.have.length(1);
    expect(logger.lines.map(({ message }) => message)).to.deep.equal(['API server rejected an event']);
  });

  it('holds at most a thousand events', async () => {
    answer = () => {
      throw new HeadroomError('API_REQUEST_FAILED', 'away');
    };
    for (let index = 0; index < 5_000; index++)
      recorder.publish(event(`m${index}`, { regarding: { ...regarding, uid: `u${index}` } }));
    answer = () => undefined;
    await clock.advance(5_000);
    expect(written.length).to.be.within(1_000, 1_002);
  });

  it('writes what waits before it closes, but no longer than it is given', async () => {
    recorder.publish(event('one'));
    recorder.publish(event('two'));
    const closed = recorder.close(1_000);
    await clock.advance(0);
    await closed;
    expect(summary()).to.deep.equal(['POST one x1', 'POST two x1']);
    recorder.publish(event('three'));
    expect(written).to.have.length(2);
  });

  it('gives up at its deadline when it closes while nothing answers', async () => {
    answer = () => {
      throw new HeadroomError('API_REQUEST_FAILED', 'away');
    };
    recorder.publish(event('one'));
    recorder.publish(event('two'));
    let isClosed = false;
    const closed = recorder.close(1_000);
    void (async () => {
      await closed;
      isClosed = true;
    })();
    await clock.advance(999);
    expect(isClosed).to.equal(false);
    await clock.advance(1);
    expect(isClosed).to.equal(true);
  });

  it('writes events about cluster-scoped objects to the namespace default', async () => {
    recorder.publish(event('one', { regarding: { ...regarding, namespace: '' } }));
    await clock.advance(0);
    expect(written[0]?.path).to.equal('/api/v1/namespaces/default/events');
  });
});
