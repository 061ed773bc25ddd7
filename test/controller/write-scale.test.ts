import { expect } from 'chai';
import { writeScale } from '../../src/controller/write-scale.ts';
import { ApiStatusError } from '../../src/kube/api-status-error.ts';
import { HeadroomError } from '../../src/lib/errors.ts';
import type { ScaleView } from '../../src/lib/views.ts';
import { FakeClock } from '../support/fake-clock.ts';

const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const decidedOn: ScaleView = {
  uid: 'u1',
  resourceVersion: '7',
  specReplicas: 3,
  statusReplicas: 3,
  selector: 'app=web',
};

const refusal = (code: number, reason: string, message: string): ApiStatusError =>
  new ApiStatusError({ code, reason, message });
const conflict = refusal(409, 'Conflict', 'the object has been modified');

interface Story {
  /** What the API server answers to each write, in order; the last one goes on. undefined: it takes it. */
  readonly writes: readonly (Error | undefined)[];
  /** The scale that a read finds, beside what was decided on. */
  readonly live?: Partial<ScaleView> | Error;
}

interface Told {
  readonly outcome: string;
  /** resourceVersions that were written on. */
  readonly writtenOn: readonly string[];
  readonly reads: number;
}

async function tell({ writes, live = {} }: Story): Promise<Told> {
  const clock = new FakeClock();
  const writtenOn: string[] = [];
  let reads = 0;
  const scales = {
    updateScale: ({ scale }: { readonly scale: ScaleView }) => {
      const answer = writes[Math.min(writtenOn.length, writes.length - 1)];
      writtenOn.push(scale.resourceVersion);
      return answer === undefined ? Promise.resolve(scale) : Promise.reject(answer);
    },
    getLiveScale: () => {
      reads += 1;
      if (live instanceof Error) return Promise.reject(live);
      return Promise.resolve({ ...decidedOn, resourceVersion: String(7 + reads), ...live });
    },
  };
  const writing = writeScale({ scales, clock }, { namespace: 'shop', target, scale: decidedOn, replicas: 5 });
  await clock.advance(1_000);
  const outcome = await writing;
  return { outcome: outcome.kind === 'failed' ? `failed: ${outcome.message}` : outcome.kind, writtenOn, reads };
}

describe('writing a scale', () => {
  const check = (title: string, story: Story, expected: Told): void => {
    it(title, async () => {
      expect(await tell(story)).to.deep.equal(expected);
    });
  };
  const once = { writtenOn: ['7'], reads: 0 };

  check('is one write on the version that was decided on', { writes: [undefined] }, { outcome: 'succeeded', ...once });

  describe('after a conflict reads what is there now,', () => {
    const writes = [conflict, undefined];
    const superseded = { outcome: 'superseded', writtenOn: ['7'], reads: 1 };
    check(
      'and writes on that when only the status of the target changed',
      { writes, live: { statusReplicas: 2 } },
      {
        outcome: 'succeeded',
        writtenOn: ['7', '8'],
        reads: 1,
      },
    );
    check('gives up a decision about other replicas', { writes, live: { specReplicas: 4 } }, superseded);
    check('gives up even when they are those that it wanted', { writes, live: { specReplicas: 5 } }, superseded);
    check('gives up a decision about other pods', { writes, live: { selector: 'app=web,tier=front' } }, superseded);
    check('gives up a decision about an object that was made anew', { writes, live: { uid: 'u2' } }, superseded);
    check(
      'fails with the conflict when that cannot be read',
      { writes, live: refusal(403, 'Forbidden', 'no reading') },
      {
        outcome: 'failed: the object has been modified',
        writtenOn: ['7'],
        reads: 1,
      },
    );
    check(
      'fails with the last conflict after five writes',
      { writes: [conflict] },
      {
        outcome: 'failed: the object has been modified',
        writtenOn: ['7', '8', '9', '10', '11'],
        reads: 4,
      },
    );
    check(
      'fails with what the second write was refused for',
      { writes: [conflict, refusal(403, 'Forbidden', 'no')] },
      {
        outcome: 'failed: no',
        writtenOn: ['7', '8'],
        reads: 1,
      },
    );
  });

  describe('fails at once, and reads nothing,', () => {
    const refused = (title: string, error: Error): void =>
      check(title, { writes: [error] }, { outcome: `failed: ${error.message}`, ...once });
    refused('for want of rights', refusal(403, 'Forbidden', 'deployments.apps "web" is forbidden'));
    refused('when the target is gone', refusal(404, 'NotFound', 'deployments.apps "web" not found'));
    refused('when a webhook denies it', refusal(400, '', 'admission webhook "no.example.com" denied the request: no'));
    refused('when the number is refused', refusal(422, 'Invalid', 'Scale "web" is invalid'));
    refused('when the API server is broken', refusal(500, 'InternalError', 'etcd is away'));
    refused('when nobody answers', new HeadroomError('API_REQUEST_FAILED', 'PUT: connect ECONNREFUSED'));
  });

  it('pauses for 10 ms between two writes', async () => {
    const clock = new FakeClock();
    let writes = 0;
    const scales = {
      updateScale: () => {
        writes += 1;
        return Promise.reject(conflict);
      },
      getLiveScale: () => Promise.resolve(decidedOn),
    };
    const writing = writeScale({ scales, clock }, { namespace: 'shop', target, scale: decidedOn, replicas: 5 });
    for (const expected of [1, 2, 3, 4, 5]) {
      await clock.advance(0);
      expect(writes).to.equal(expected);
      await clock.advance(9);
      expect(writes).to.equal(expected);
      await clock.advance(1);
    }
    await writing;
  });
});
