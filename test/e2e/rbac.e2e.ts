// E2e: least privilege, proven. Headroom does everything it can do with the rights of config/, and the API server's audit log tells what it used.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Client } from 'undici';
import { probe } from '../cluster/probe.ts';
import { one, type PolicyRule, readBase } from '../config/manifests.ts';
import { eventually, startTestCluster, type TestCluster } from '../support/cluster-fixture.ts';
import type { HeadroomProcess } from '../support/headroom-process.ts';
import {
  deployment,
  headroomAutoscaler,
  horizontalPodAutoscaler,
  replicaSet,
  replicationController,
  statefulSet,
  widget,
  widgetDefinition,
} from '../support/workload-builders.ts';

const serviceAccount = 'system:serviceaccount:headroom-system:headroom';
/** Who Headroom is to kubelets. */
const kubeletAccount = 'system:serviceaccount:headroom-system:headroom-kubelets';

/** Every request of Headroom, and the questions that kubelets ask about it. */
const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  // A watch is logged when it begins.
  omitStages: ['RequestReceived'],
  rules: [
    { level: 'Metadata', users: [serviceAccount] },
    { level: 'Request', resources: [{ group: 'authorization.k8s.io', resources: ['subjectaccessreviews'] }] },
    { level: 'None' },
  ],
};

interface AuditEvent {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly requestURI: string;
  readonly objectRef?: {
    readonly resource: string;
    readonly subresource?: string;
    readonly apiGroup?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly requestObject?: {
    readonly spec?: { readonly user?: string; readonly resourceAttributes?: ResourceAttributes };
  };
  readonly responseStatus?: { readonly code?: number; readonly message?: string };
}

interface ResourceAttributes {
  readonly verb: string;
  readonly group?: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly name?: string;
}

/** One verb on one resource, as RBAC tells them apart. */
interface Right {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  /** Where it was granted or used; '' for the whole cluster. */
  readonly namespace: string;
}

describe('the rights of the ServiceAccount in config/', () => {
  const directory = join(tmpdir(), `headroom-audit-${process.pid}`);
  const logPath = `${directory}.log`;
  const policyPath = `${directory}.json`;
  let cluster: TestCluster;
  let headroom: HeadroomProcess;

  const kinds = [
    { name: 'deployed', kind: 'Deployment', apiVersion: 'apps/v1', build: deployment },
    { name: 'stateful', kind: 'StatefulSet', apiVersion: 'apps/v1', build: statefulSet },
    { name: 'replicated', kind: 'ReplicaSet', apiVersion: 'apps/v1', build: replicaSet },
    { name: 'controlled', kind: 'ReplicationController', apiVersion: 'v1', build: replicationController },
  ];

  async function auditLog(): Promise<AuditEvent[]> {
    const text = await readFile(logPath, 'utf8');
    const lines = text.slice(0, text.lastIndexOf('\n')).split('\n');
    return lines.map((line) => JSON.parse(line) as AuditEvent);
  }

  const requests = async (): Promise<AuditEvent[]> =>
    (await auditLog()).filter(({ user }) => user.username === serviceAccount);

  before(async () => {
    await writeFile(policyPath, JSON.stringify(auditPolicy));
    cluster = await startTestCluster({
      controlPlane: {
        extraFlags: {
          'kube-apiserver': [
            `--audit-policy-file=${policyPath}`,
            `--audit-log-path=${logPath}`,
            // A streaming list is a `watch` to RBAC. It is asked for and refused here, so that `list` is needed as well.
            '--feature-gates=WatchList=false',
          ],
        },
      },
    });
    await cluster.apply(
      widgetDefinition,
      ...kinds.map(({ name, build }) => build({ name })),
      deployment({ name: 'moved' }),
    );
    await cluster.apply(
      widget('widget', 1),
      // Below their minimum, so that each is scaled at once.
      ...kinds.map(({ name, kind, apiVersion }) =>
        horizontalPodAutoscaler({ name, minReplicas: 2, target: { apiVersion, kind, name } }),
      ),
      horizontalPodAutoscaler({
        name: 'widget',
        minReplicas: 2,
        target: { apiVersion: 'example.com/v1', kind: 'Widget', name: 'widget' },
      }),
      headroomAutoscaler({ name: 'moved', minReplicas: 2 }),
      horizontalPodAutoscaler({ name: 'aimless' }),
    );
    headroom = await cluster.startHeadroom({ flags: ['--native-hpas=auto'] });
  });

  after(async () => {
    await headroom?.[Symbol.asyncDispose]();
    await cluster?.stop();
    await Promise.all([rm(logPath, { force: true }), rm(policyPath, { force: true })]);
  });

  it('suffice to scale targets of every kind', async () => {
    const targets = [...kinds.map(({ name, kind }) => `${kind}/${name}`), 'widgets.example.com/widget'];
    for (const target of [...targets, 'Deployment/moved']) {
      await cluster.kubectl('wait', target, '--for=jsonpath={.spec.replicas}=2', '--timeout=30s');
    }
  });

  it('suffice to scrape kubelets that ask the API server about their callers', async () => {
    await eventually(async () => (await cluster.controlPlane.kubectl(['top', 'node', 'sim-0'])).code === 0);
    const asked = (await auditLog()).flatMap(({ requestObject }) =>
      requestObject?.spec?.user === kubeletAccount ? [requestObject.spec.resourceAttributes] : [],
    );
    expect(asked[0]).to.include({ verb: 'get', resource: 'nodes', subresource: 'metrics', name: 'sim-0' });
  });

  it('are shown to no kubelet: those see tokens of the ServiceAccount that may read metrics of nodes only', async () => {
    const callers = (await auditLog()).flatMap(({ requestObject }) =>
      requestObject?.spec?.resourceAttributes?.resource === 'nodes' ? [requestObject.spec.user] : [],
    );
    expect([...new Set(callers)]).to.deep.equal([kubeletAccount]);
  });

  it('suffice to answer callers with tokens, who are looked up and whose rights are asked after', async () => {
    const token = await cluster.controlPlane.serviceAccountToken('default', 'default');
    const headers = { authorization: `Bearer ${token}` };
    const url = `https://127.0.0.1:${cluster.port}/apis/metrics.k8s.io/v1beta1/nodes`;
    expect((await probe(url, { headers }))?.status).to.equal(403);
  });

  it('suffice to write events, and to count those that repeat', async () => {
    await eventually(async () => {
      const events = await cluster.read<{ items: { count: number }[] }>(
        '/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3Daimless,reason%3DFailedGetScale',
      );
      return events.items.some(({ count }) => count > 1);
    });
  });

  it('suffice to write a status that somebody else changed meanwhile', async () => {
    const { caPem, credentials, serverUrl } = cluster.controlPlane;
    const { certificatePem: cert, keyPem: key } = credentials.admin;
    const api = new Client(serverUrl, { connect: { ca: caPem, cert, key } });
    const patch = async (path: string, body: object): Promise<void> => {
      const headers = { 'content-type': 'application/merge-patch+json' };
      const answer = await api.request({ method: 'PATCH', path, headers, body: JSON.stringify(body) });
      await answer.body.dump();
    };
    // Whoever changes an object all the time sooner or later does it between a decision and its write.
    const disturb = async (path: string, resource: string): Promise<void> => {
      const isReadAgain = ({ verb, objectRef }: AuditEvent): boolean =>
        verb === 'get' && objectRef?.resource === resource && objectRef.namespace === 'default';
      for (let round = 1; ; round++) {
        await patch(path, { metadata: { annotations: { test: String(round) } } });
        if (round % 100 !== 0) continue;
        // A status that is not what was decided is written at the next look.
        await patch(`${path}/status`, { status: { conditions: [] } });
        if ((await requests()).some(isReadAgain)) return;
      }
    };
    const hpas = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers';
    const hras = '/apis/autoscaling.headroom.dev/v1alpha1/namespaces/default/headroomautoscalers';
    await Promise.all([
      disturb(`${hpas}/deployed`, 'horizontalpodautoscalers'),
      disturb(`${hras}/moved`, 'headroomautoscalers'),
    ]);
    await api.close();
  });

  it('suffice to stop: the lease is released and the canary removed', async () => {
    expect(await headroom.stop()).to.deep.equal({ code: 0, signal: null });
  });

  it('were enough: no request was forbidden', async () => {
    const refused = (await requests()).filter(({ responseStatus }) => responseStatus?.code === 403);
    expect(refused.map(({ verb, requestURI }) => `${verb} ${requestURI}`)).to.deep.equal([]);
  });

  it('were all used: no rule grants a verb on a resource in vain', async () => {
    const manifests = readBase();
    const granted = [
      ...rightsOf(one(manifests, 'ClusterRole', 'headroom').rules, ''),
      ...rightsOf(one(manifests, 'ClusterRole', 'headroom-kubelets').rules, ''),
      ...rightsOf(one(manifests, 'Role', 'headroom').rules, 'headroom-system'),
    ];
    const used = [...(await requests()).flatMap(rightUsed), ...(await auditLog()).flatMap(rightAskedByKubelet)];
    const unused = granted.filter((right) => !used.some((use) => covers(right, use)));
    expect(unused.map(describeRight)).to.deep.equal([]);
  });
});

function rightsOf(rules: readonly PolicyRule[] = [], namespace: string): Right[] {
  return rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => ({ verb, group, resource, namespace }))),
    ),
  );
}

function rightUsed({ verb, objectRef }: AuditEvent): Right[] {
  if (objectRef === undefined) return [];
  const { resource, subresource, apiGroup: group = '', namespace = '' } = objectRef;
  return [{ verb, group, resource: subresource === undefined ? resource : `${resource}/${subresource}`, namespace }];
}

function rightAskedByKubelet({ requestObject }: AuditEvent): Right[] {
  const { user, resourceAttributes: asked } = requestObject?.spec ?? {};
  if (user !== kubeletAccount || asked === undefined) return [];
  return [
    { verb: asked.verb, group: asked.group ?? '', resource: `${asked.resource}/${asked.subresource}`, namespace: '' },
  ];
}

function covers(right: Right, use: Right): boolean {
  const [, subresource] = right.resource.split('/');
  const sameResource = right.resource.startsWith('*/')
    ? use.resource.endsWith(`/${subresource}`)
    : right.resource === use.resource;
  // What the Role grants in Headroom's own namespace does not count for the ClusterRole, and the other way round.
  const isOwn = use.namespace === 'headroom-system';
  return (
    right.verb === use.verb &&
    (right.group === '*' || right.group === use.group) &&
    sameResource &&
    (right.namespace === 'headroom-system') === isOwn
  );
}

function describeRight({ verb, group, resource, namespace }: Right): string {
  return `${verb} ${group === '' ? 'core' : group}/${resource}${namespace === '' ? '' : ` in ${namespace}`}`;
}
