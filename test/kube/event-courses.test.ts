// Parity: what is written of courses of events, against what the recorder of client-go v0.36.3, which kube-controller-manager v1.36.3 uses, wrote
// of the same. test/parity/vectors/README.md says how they were made.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { ApiStatusError } from '../../src/kube/api-status-error.ts';
import { createEventRecorder } from '../../src/kube/event-recorder.ts';
import type { ApiClient, ApiRequest, EventView } from '../../src/kube/types.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RecordingLogger } from '../support/recording-logger.ts';

interface Write {
  readonly method: string;
  /** Index of the event's name among those that were created. */
  readonly event: number;
  readonly body: unknown;
}

interface Step {
  /** Seconds since the step before. */
  readonly after: number;
  readonly object: string;
  readonly type: EventView['type'];
  readonly reason: string;
  readonly message: string;
  /** What a patch would count on is gone. */
  readonly expired?: boolean;
  readonly writes: readonly Write[];
}

interface Course {
  readonly name: string;
  /** Seconds since the epoch. */
  readonly start: number;
  readonly steps: readonly Step[];
}

const file = new URL('../parity/vectors/events.json', import.meta.url);
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by our own generator
const { courses } = JSON.parse(readFileSync(file, 'utf8')) as { courses: readonly Course[] };

describe('events are created, counted, combined and dropped as by the recorder of kube-controller-manager', () => {
  for (const course of courses) {
    it(course.name, async () => {
      expect(await writesOf(course)).to.deep.equal(course.steps.map(({ writes }) => writes));
    });
  }

  it('K43: of ten different messages the oldest is forgotten, where upstream leaves it to chance', async () => {
    const said = (message: string): Step => ({
      after: 1,
      object: 'web',
      type: 'Warning',
      reason: 'FailedGetPodsMetric',
      message,
      writes: [],
    });
    const ten = Array.from({ length: 10 }, (_, index) => said(`boom ${index}`));
    const writes = await writesOf({ name: '', start: 0, steps: [...ten, said('boom 9'), said('boom 0')] });
    const texts = writes.flat().map(({ method, body }) => `${method} ${(body as { message: string }).message}`);
    // The tenth is combined and "boom 0" forgotten: a second "boom 9" is one of nine again, a second "boom 0" the tenth.
    expect(texts.slice(9)).to.deep.equal([
      'POST (combined from similar events): boom 9',
      'POST boom 9',
      'PATCH (combined from similar events): boom 0',
    ]);
  });

  it('courses hold everything that can happen to an event', () => {
    const writes = courses.flatMap(({ steps }) => steps.map((step) => step.writes));
    const text = JSON.stringify(writes);
    expect(
      writes.some((one) => one.length === 0),
      'dropped',
    ).to.equal(true);
    expect(writes.some(([first, second]) => first?.method === 'PATCH' && second?.method === 'POST')).to.equal(true);
    expect(text).to.contain('"message":"(combined from similar events): boom');
  });
});

async function writesOf({ start, steps }: Course): Promise<readonly (readonly Write[])[]> {
  const clock = new FakeClock(start * 1000);
  const api = new EventsApi();
  const component = 'horizontal-pod-autoscaler';
  const recorder = createEventRecorder({ client: api, clock, logger: new RecordingLogger(), component });
  const all: (readonly Write[])[] = [];
  for (const [index, step] of steps.entries()) {
    await clock.advance(step.after * 1000);
    api.writes = [];
    api.isExpired = step.expired === true;
    recorder.publish(viewOf(step, index));
    await clock.advance(0);
    all.push(api.writes);
  }
  const closed = recorder.close(0);
  await clock.advance(1);
  await closed;
  return all;
}

/** The resourceVersion is another one each time, as that of an autoscaler whose status is written. */
function viewOf({ object: name, type, reason, message }: Step, index: number): EventView {
  const [apiVersion, kind] = ['autoscaling/v2', 'HorizontalPodAutoscaler'];
  const regarding = { apiVersion, kind, namespace: 'ns', name, uid: `uid-${name}`, resourceVersion: String(index) };
  return { type, reason, message, regarding };
}

/** Takes every event; a patch of one that has expired finds nothing. */
class EventsApi implements ApiClient {
  writes: Write[] = [];
  isExpired = false;
  readonly #names: string[] = [];

  request<T>({ method, path, body }: ApiRequest): Promise<T> {
    if (method === 'PATCH') {
      this.writes.push({ method, event: this.#names.indexOf(path.split('/').at(-1) ?? ''), body });
      if (this.isExpired) return Promise.reject(new ApiStatusError({ code: 404, reason: 'NotFound', message: 'gone' }));
    } else {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own request
      const event = body as { readonly metadata: { readonly name: string } };
      const { name, ...metadata } = event.metadata;
      if (!this.#names.includes(name)) this.#names.push(name);
      const { apiVersion: _version, kind: _kind, ...rest } = { apiVersion: '', kind: '', ...event, metadata };
      this.writes.push({ method: method ?? '', event: this.#names.indexOf(name), body: rest });
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nobody reads it
    return Promise.resolve({} as T);
  }

  stream(): Promise<never> {
    return Promise.reject(new Error('events are not streamed'));
  }
}
