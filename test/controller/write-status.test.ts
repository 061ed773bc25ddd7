import { expect } from 'chai';
import { writeStatus } from '../../src/controller/write-status.ts';
import type { Autoscaler } from '../../src/crd/types.ts';
import { ApiStatusError } from '../../src/kube/api-status-error.ts';
import type { ApiRequest } from '../../src/kube/types.ts';
import { HeadroomError } from '../../src/lib/errors.ts';
import { type AutoscalerParts, autoscaler, autoscalerJson } from '../support/autoscaler-builders.ts';

type Json = Readonly<Record<string, unknown>>;

const condition = {
  type: 'AbleToScale',
  status: 'True',
  reason: 'ReadyForNewScale',
  message: 'recommended size matches current size',
};
const metric = (averageValue: string): Json => ({
  type: 'Resource',
  resource: { name: 'memory', current: { averageValue } },
});
const stored = {
  currentReplicas: 2,
  desiredReplicas: 2,
  lastScaleTime: '2026-11-21T12:00:00Z',
  currentMetrics: [metric('1Gi')],
  conditions: [{ ...condition, lastTransitionTime: '2026-11-21T11:00:00Z' }],
};

const refusal = (code: number, reason: string, message: string): ApiStatusError =>
  new ApiStatusError({ code, reason, message });
const conflict = refusal(409, 'Conflict', 'the object has been modified');
const gone = refusal(404, 'NotFound', 'horizontalpodautoscalers.autoscaling "web" not found');

interface Story {
  /** The autoscaler that was decided on. */
  readonly of?: AutoscalerParts;
  /** Its new status. */
  readonly status: Json;
  /** What the API server answers to each patch, in order; the last one goes on. undefined: it takes it. */
  readonly patches?: readonly (Error | undefined)[];
  /** What a read finds. */
  readonly latest?: AutoscalerParts | Error;
}

interface Told {
  readonly outcome: string;
  readonly requests: readonly ApiRequest[];
}

async function tell({ of = {}, status, patches = [undefined], latest = of }: Story): Promise<Told> {
  const requests: ApiRequest[] = [];
  const decidedOn: Autoscaler = autoscaler({ status: stored, ...of });
  let patched = 0;
  let reads = 0;
  const request = <T>(asked: ApiRequest): Promise<T> => {
    requests.push(asked);
    const answer = (parts: AutoscalerParts): Promise<T> => Promise.resolve(autoscalerJson(parts) as T);
    if (asked.method === 'GET') {
      reads += 1;
      return latest instanceof Error
        ? Promise.reject(latest)
        : answer({ resourceVersion: String(1 + reads), ...latest });
    }
    const refused = patches[Math.min(patched++, patches.length - 1)];
    return refused === undefined ? answer({ ...of, resourceVersion: '99', status }) : Promise.reject(refused);
  };
  const api = { request, stream: () => Promise.reject(new Error('not served')) };
  const outcome = await writeStatus(api, decidedOn, autoscaler({ ...of, status }).status);
  const detail = { unchanged: '', 'left-out': '', superseded: '', failed: '', written: '' };
  if (outcome.kind === 'failed') detail.failed = `: ${outcome.message}`;
  if (outcome.kind === 'written') detail.written = ` as ${outcome.autoscaler.resourceVersion}`;
  return { outcome: outcome.kind + detail[outcome.kind], requests };
}

const versionOf = ({ body }: ApiRequest): unknown =>
  (body as { metadata?: { resourceVersion?: string } }).metadata?.resourceVersion;

describe('writing a status', () => {
  describe('is left out when the stored one says the same:', () => {
    const check = (title: string, status: Json): void => {
      it(title, async () => {
        expect(await tell({ status })).to.deep.equal({ outcome: 'unchanged', requests: [] });
      });
    };
    check('every field', stored);
    check('an amount in another form', { ...stored, currentMetrics: [metric('1048576Ki')] });
    check('an instant in another zone', { ...stored, lastScaleTime: '2026-11-21T13:00:00+01:00' });
  });

  describe('is made when the stored one says something else:', () => {
    const check = (title: string, of: AutoscalerParts, status: Json): void => {
      it(title, async () => {
        const { outcome, requests } = await tell({ of, status });
        expect(outcome).to.equal('written as 99');
        expect(requests).to.have.length(1);
      });
    };
    check('replicas', {}, { ...stored, currentReplicas: 3 });
    check('an amount', {}, { ...stored, currentMetrics: [metric('1025Mi')] });
    check('a metric fewer', {}, { ...stored, currentMetrics: null });
    check('a message', {}, { ...stored, conditions: [{ ...stored.conditions[0], message: 'another' }] });
    check(
      'since when a condition holds',
      {},
      {
        ...stored,
        conditions: [{ ...condition, lastTransitionTime: '2026-11-21T11:00:01Z' }],
      },
    );
    check('an observedGeneration that upstream drops', { status: { ...stored, observedGeneration: 4 } }, stored);
    check('columns of an HRA that were never printed', { kind: 'HeadroomAutoscaler' }, stored);
  });

  it('is a merge patch on the version that was decided on, under a name by which replicas of Headroom know each other', async () => {
    const { requests } = await tell({ status: { ...stored, currentReplicas: 3 } });
    const [patch] = requests;
    expect(patch).to.deep.include({
      method: 'PATCH',
      path: '/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/web/status',
      query: { fieldManager: 'headroom' },
      contentType: 'application/merge-patch+json',
    });
    expect(patch?.body).to.have.all.keys('metadata', 'status');
    expect(patch === undefined ? undefined : versionOf(patch)).to.equal('1');
  });

  describe('that is refused', () => {
    const status = { ...stored, currentReplicas: 3 };
    const check = (title: string, story: Omit<Story, 'status'>, outcome: string, methods: readonly string[]): void => {
      it(title, async () => {
        const told = await tell({ status, ...story });
        expect(told.outcome).to.equal(outcome);
        const seen = told.requests.map((each) =>
          each.method === 'PATCH' ? `PATCH ${String(versionOf(each))}` : each.method,
        );
        expect(seen).to.deep.equal(methods);
      });
    };
    const patches = [conflict, undefined];
    check('because labels changed is repeated', { patches }, 'written as 99', ['PATCH 1', 'GET', 'PATCH 2']);
    check(
      'because we wrote a status meanwhile is repeated',
      { patches, latest: { status: { ...stored, desiredReplicas: 9 } } },
      'written as 99',
      ['PATCH 1', 'GET', 'PATCH 2'],
    );
    const by = (manager: string): AutoscalerParts => ({
      managedFields: [{ manager, subresource: 'status', time: '12:00' }],
    });
    check(
      'because a replica of Headroom wrote a status is repeated',
      { patches, latest: by('headroom') },
      'written as 99',
      ['PATCH 1', 'GET', 'PATCH 2'],
    );
    check(
      'because another controller wrote a status is dropped',
      { patches, latest: by('kube-controller-manager') },
      'superseded',
      ['PATCH 1', 'GET'],
    );
    check('because the spec changed is dropped', { patches, latest: { spec: { maxReplicas: 7 } } }, 'superseded', [
      'PATCH 1',
      'GET',
    ]);
    check('because the object was made anew is dropped', { patches, latest: { uid: 'another' } }, 'superseded', [
      'PATCH 1',
      'GET',
    ]);
    check('because the object is gone is dropped', { patches: [gone] }, 'superseded', ['PATCH 1']);
    check('by a conflict with an object that is gone by then is dropped', { patches, latest: gone }, 'superseded', [
      'PATCH 1',
      'GET',
    ]);
    check(
      'by conflicts only fails after five writes',
      { patches: [conflict] },
      'failed: the object has been modified',
      ['PATCH 1', 'GET', 'PATCH 2', 'GET', 'PATCH 3', 'GET', 'PATCH 4', 'GET', 'PATCH 5'],
    );
    const refused = (title: string, error: Error): void =>
      check(title, { patches: [error] }, `failed: ${error.message}`, ['PATCH 1']);
    refused(
      'for want of rights fails',
      refusal(403, 'Forbidden', 'horizontalpodautoscalers.autoscaling "web" is forbidden'),
    );
    refused('as invalid fails', refusal(422, 'Invalid', 'HorizontalPodAutoscaler.autoscaling "web" is invalid'));
    refused('by a broken API server fails', refusal(500, 'InternalError', 'etcd is away'));
    refused('by silence fails', new HeadroomError('API_REQUEST_FAILED', 'PATCH: connect ECONNREFUSED'));
    check(
      'and cannot be read again fails',
      { patches, latest: refusal(403, 'Forbidden', 'no reading') },
      'failed: no reading',
      ['PATCH 1', 'GET'],
    );
  });
});
