// E2e: pods of a real API server are the same whether they come as JSON or as protobuf.
import { expect } from 'chai';
import { ApiStatusError, isGone } from '../../src/kube/api-status-error.ts';
import { type ClosableApiClient, createApiClient } from '../../src/kube/client.ts';
import type { Codec, Reading, WatchEvent } from '../../src/kube/codec.ts';
import { createJsonCodec } from '../../src/kube/json-codec.ts';
import { loadKubeConfig } from '../../src/kube/kube-config.ts';
import { listPages } from '../../src/kube/list.ts';
import type { PodRecord } from '../../src/kube/pod-record.ts';
import { createPodProjection } from '../../src/kube/project-pod.ts';
import { createPodProtobufCodec } from '../../src/kube/protobuf-pod.ts';
import { watchEvents } from '../../src/kube/watch.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { type ControlPlane, startControlPlane } from '../cluster/control-plane.ts';
import { viewOf } from '../kube/pod-view.ts';
import { failureOf } from '../support/failure-of.ts';

const collection = '/api/v1/namespaces/default/pods';
const pageSize = 3;
const transitionTime = '2026-11-21T10:00:05Z';

/** Pods that differ in everything that is read; `status` is written after creation. */
const shapes: Readonly<Record<string, { metadata?: object; spec?: object; status?: object }>> = {
  bare: {},
  labelled: { metadata: { labels: { app: 'web', 'a.example/b': '', zone: 'x' }, annotations: { note: 'grün' } } },
  twin: { metadata: { labels: { app: 'web', 'a.example/b': '', zone: 'x' } } },
  unscheduled: { spec: { nodeName: undefined } },
  requesting: {
    spec: {
      containers: [
        container('main', { requests: { cpu: '1500m', memory: '1.5Gi' }, limits: { memory: '2Gi' } }),
        container('beside', { requests: { 'ephemeral-storage': '1Gi' } }),
        container('idle'),
      ],
    },
  },
  sidecars: {
    spec: {
      initContainers: [
        { ...container('proxy', { requests: { cpu: '50m' } }), restartPolicy: 'Always' },
        container('setup', { requests: { cpu: '2' } }),
      ],
    },
  },
  'pod-level': { spec: { resources: { requests: { cpu: '2', memory: '1Gi' }, limits: { cpu: '2' } } } },
  configured: {
    spec: {
      volumes: [{ name: 'tmp', emptyDir: {} }],
      tolerations: [{ key: 'a', operator: 'Exists' }],
      containers: [
        {
          ...container('main'),
          env: [{ name: 'A', value: 'b' }],
          ports: [{ containerPort: 80 }],
          volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
          readinessProbe: { tcpSocket: { port: 80 } },
        },
      ],
    },
  },
  running: {
    status: {
      phase: 'Running',
      startTime: '2026-11-21T10:00:00Z',
      podIP: '10.0.0.1',
      conditions: [condition('Initialized', 'True'), condition('Ready', 'True'), condition('ContainersReady', 'True')],
      containerStatuses: [
        { name: 'main', image: 'none', imageID: 'x', ready: true, restartCount: 3, state: { running: {} } },
      ],
    },
  },
  unready: { status: { phase: 'Running', conditions: [condition('Ready', 'False')] } },
  unknown: { status: { phase: 'Unknown', conditions: [condition('Ready', 'Unknown')] } },
  timeless: { status: { phase: 'Pending', conditions: [{ type: 'Ready', status: 'False' }] } },
  failed: { status: { phase: 'Failed', reason: 'Evicted', message: 'no room' } },
  deleting: { metadata: { finalizers: ['example.com/held'] } },
};

function container(name: string, resources: object = {}): object {
  return { name, image: 'none', resources };
}

function condition(type: string, status: string): object {
  return { type, status, lastTransitionTime: transitionTime };
}

describe('pods as protobuf, from a real API server', () => {
  let cluster: ControlPlane;
  let client: ClosableApiClient;
  let codecs: { readonly json: Codec<PodRecord>; readonly protobuf: Codec<PodRecord> };

  before(async () => {
    cluster = await startControlPlane();
    client = createApiClient({
      kubeConfig: loadKubeConfig(cluster.kubeconfigPath),
      clock: systemClock,
      logger: silentLogger,
      userAgent: 'headroom/e2e',
      qps: -1,
      burst: 1,
    });
    codecs = { json: createJsonCodec(createPodProjection()), protobuf: createPodProtobufCodec() };
    for (const [name, shape] of Object.entries(shapes)) await createPod(name, shape);
    await client.request({ method: 'DELETE', path: `${collection}/deleting` });
  });

  after(async () => {
    await client.close();
    await cluster.stop();
  });

  async function createPod(name: string, { metadata = {}, spec = {}, status }: (typeof shapes)[string]): Promise<void> {
    await client.request({
      method: 'POST',
      path: collection,
      body: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, ...metadata },
        // No scheduler's business.
        spec: { nodeName: 'nowhere', containers: [container('main')], ...spec },
      },
    });
    if (status !== undefined) await patchStatus(name, status);
  }

  async function patchStatus(name: string, status: object): Promise<void> {
    const contentType = 'application/strategic-merge-patch+json';
    await client.request({ method: 'PATCH', path: `${collection}/${name}/status`, contentType, body: { status } });
  }

  async function listAs(codec: Codec<PodRecord>): Promise<{ version: string; readings: readonly unknown[] }> {
    const readings: unknown[] = [];
    let version = '';
    const options = { path: collection, codecs: [codec] as const, pageSize, deadlineMs: 10_000, signal: never() };
    for await (const page of listPages(client, options)) {
      version = page.resourceVersion;
      for (const reading of page.items) readings.push(plain(reading));
    }
    return { version, readings };
  }

  /** Events from a version on, until `isEnough`. */
  async function watchAs(
    codec: Codec<PodRecord>,
    resourceVersion: string,
    isEnough: (events: readonly WatchEvent<PodRecord>[]) => boolean,
  ): Promise<readonly WatchEvent<PodRecord>[]> {
    const seen: WatchEvent<PodRecord>[] = [];
    const options = {
      path: collection,
      codecs: [codec] as const,
      resourceVersion,
      // A bookmark comes two seconds before the end.
      timeoutSeconds: 8,
      idleTimeoutMs: 20_000,
      signal: never(),
    };
    for await (const events of watchEvents(client, options)) {
      seen.push(...events);
      if (isEnough(seen)) break;
    }
    return seen;
  }

  it('are answered as protobuf', async () => {
    const contentType = await client.request({
      method: 'GET',
      path: collection,
      accept: 'application/vnd.kubernetes.protobuf,application/json',
      decode: (_body, type) => type,
    });
    expect(contentType).to.equal('application/vnd.kubernetes.protobuf');
  });

  it('are the same in a list, whatever their shape', async () => {
    const [fromJson, fromProtobuf] = [await listAs(codecs.json), await listAs(codecs.protobuf)];
    expect(fromProtobuf).to.deep.equal(fromJson);
    expect(fromJson.readings).to.have.length(Object.keys(shapes).length);
  });

  it('are the same in a watch: added, modified, deleted, and bookmarks', async () => {
    const { version } = await listAs(codecs.json);
    const isEnough = (events: readonly WatchEvent<PodRecord>[]): boolean =>
      events.some(({ type }) => type === 'BOOKMARK') && events.some(({ type }) => type === 'DELETED');
    const watching = [codecs.json, codecs.protobuf].map((codec) => watchAs(codec, version, isEnough));
    await createPod('passing', shapes['sidecars'] ?? {});
    await patchStatus('passing', {
      phase: 'Running',
      startTime: transitionTime,
      conditions: [condition('Ready', 'True')],
    });
    await client.request({ method: 'DELETE', path: `${collection}/passing`, query: { gracePeriodSeconds: 0 } });
    const [fromJson = [], fromProtobuf = []] = await Promise.all(watching);
    const changes = (events: readonly WatchEvent<PodRecord>[]): unknown[] =>
      events.flatMap((event) => (event.type === 'BOOKMARK' ? [] : [{ ...event, reading: plain(event.reading) }]));
    expect(changes(fromProtobuf)).to.deep.equal(changes(fromJson));
    const types = fromProtobuf.map(({ type }) => type);
    expect(types).to.include.members(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']);
    for (const event of fromProtobuf) expect(Number(event.resourceVersion)).to.be.greaterThan(Number(version));
  });

  it('are refused in the same words when the request is wrong', async () => {
    const [fromJson, fromProtobuf] = await Promise.all(
      [codecs.json, codecs.protobuf].map(({ mediaType: accept }) =>
        failureOf(client.request({ method: 'GET', path: `${collection}/missing`, accept, decode: () => undefined })),
      ),
    );
    expect(fromProtobuf).to.be.instanceOf(ApiStatusError);
    expect(statusOf(fromProtobuf)).to.deep.equal(statusOf(fromJson));
  });

  it('are refused in the same words when the version is too old', async () => {
    // It remembers no change from before its start.
    await cluster.stopComponent('kube-apiserver');
    await cluster.startComponent('kube-apiserver');
    const [fromJson, fromProtobuf] = await Promise.all(
      [codecs.json, codecs.protobuf].map((codec) => failureOf(watchAs(codec, '1', () => false))),
    );
    expect(isGone(fromProtobuf)).to.equal(true);
    expect(statusOf(fromProtobuf)).to.deep.equal(statusOf(fromJson));
  });
});

function plain(reading: Reading<PodRecord>): object {
  if ('problem' in reading) throw reading.problem;
  return { key: reading.key, pod: reading.object === undefined ? undefined : viewOf(reading.object) };
}

function statusOf(error: unknown): unknown {
  const { message, httpStatus, reason, statusMessage, details, retryAfterSeconds } = error as ApiStatusError;
  return { message, httpStatus, reason, statusMessage, details, retryAfterSeconds };
}

function never(): AbortSignal {
  return new AbortController().signal;
}
