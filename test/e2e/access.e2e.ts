// E2e: who may read the Metrics API. The same callers at Headroom's own port and through the aggregator, judged by the RBAC of a real cluster.
import { expect } from 'chai';
import { type ProbeAnswer, type ProbeOptions, probe } from '../cluster/probe.ts';
import { eventually, startTestCluster, type TestCluster } from '../support/cluster-fixture.ts';
import type { HeadroomProcess } from '../support/headroom-process.ts';
import { deployment } from '../support/workload-builders.ts';

const base = '/apis/metrics.k8s.io/v1beta1';
const nodes = `${base}/nodes`;
const podsOfDefault = `${base}/namespaces/default/pods`;

describe('access to the Metrics API', () => {
  let cluster: TestCluster;
  let headroom: HeadroomProcess;
  const tokens: Record<string, string> = {};

  before(async () => {
    cluster = await startTestCluster();
    await cluster.apply(deployment({ name: 'web' }));
    for (const name of ['reader', 'viewer']) await cluster.kubectl('create', 'serviceaccount', name);
    const grants = [
      // Reads everything, as a dashboard may.
      [
        'clusterrolebinding',
        'reader',
        '--clusterrole=system:aggregated-metrics-reader',
        '--serviceaccount=default:reader',
      ],
      // Has the ordinary role view in one namespace, into which the Metrics API is aggregated.
      ['rolebinding', 'viewer', '--clusterrole=view', '--serviceaccount=default:viewer'],
      // A person with a certificate.
      ['clusterrolebinding', 'ops', '--clusterrole=system:aggregated-metrics-reader', '--group=ops'],
    ];
    for (const grant of grants) await cluster.kubectl('create', ...grant);
    for (const name of ['reader', 'viewer', 'default']) {
      tokens[name] = await cluster.controlPlane.serviceAccountToken('default', name);
    }
    headroom = await cluster.startHeadroom();
    await eventually(async () => (await cluster.read<{ items: unknown[] }>(podsOfDefault)).items.length === 1);
  });

  after(async () => {
    await headroom?.[Symbol.asyncDispose]();
    await cluster?.stop();
  });

  const withToken = (token: string | undefined): ProbeOptions => ({ headers: { authorization: `Bearer ${token}` } });
  const directly = (path: string, options: ProbeOptions = {}): Promise<ProbeAnswer | undefined> =>
    headroom.get(path, options);
  const aggregated = (path: string, options: ProbeOptions = {}): Promise<ProbeAnswer | undefined> =>
    probe(`${cluster.controlPlane.serverUrl}${path}`, { ...options, ca: cluster.controlPlane.caPem });
  const ways = { directly, 'through the aggregator': aggregated };

  const forbidden = (message: string, details: object): object => ({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason: 'Forbidden',
    details,
    code: 403,
  });

  for (const [way, ask] of Object.entries(ways)) {
    describe(way, () => {
      it('is forbidden to anonymous callers', async () => {
        const answer = await ask(nodes);
        expect(answer?.status).to.equal(403);
        expect(JSON.parse(answer?.body ?? '')).to.deep.equal(
          forbidden(
            'nodes.metrics.k8s.io is forbidden: User "system:anonymous" cannot list resource "nodes" in API group "metrics.k8s.io" at the cluster scope',
            { group: 'metrics.k8s.io', kind: 'nodes' },
          ),
        );
      });

      it('is forbidden to a ServiceAccount without rights, naming the object and the namespace', async () => {
        const answer = await ask(`${podsOfDefault}/web-0`, withToken(tokens['default']));
        expect(answer?.status).to.equal(403);
        expect(JSON.parse(answer?.body ?? '')).to.deep.equal(
          forbidden(
            'pods.metrics.k8s.io "web-0" is forbidden: User "system:serviceaccount:default:default" cannot get resource "pods" in API group "metrics.k8s.io" in the namespace "default"',
            { name: 'web-0', group: 'metrics.k8s.io', kind: 'pods' },
          ),
        );
      });

      it('is open to a ServiceAccount with the rights, by its token', async () => {
        const answer = await ask(nodes, withToken(tokens['reader']));
        expect(answer?.status).to.equal(200);
        const { items } = JSON.parse(answer?.body ?? '') as { items: { metadata: { name: string } }[] };
        expect(items.map(({ metadata }) => metadata.name)).to.deep.equal(['sim-0']);
      });

      it('is open, in its namespace, to whoever has the role view there', async () => {
        expect((await ask(podsOfDefault, withToken(tokens['viewer'])))?.status).to.equal(200);
        const elsewhere = await ask(`${base}/namespaces/kube-system/pods`, withToken(tokens['viewer']));
        expect(elsewhere?.status).to.equal(403);
        expect((await ask(nodes, withToken(tokens['viewer'])))?.status).to.equal(403);
      });

      it('is open to a client certificate of the cluster’s CA whose group has the rights', async () => {
        const issue = (organization: string): ProbeOptions => {
          const pair = cluster.controlPlane.credentials.clusterCa.issue({
            commonName: 'olga',
            organizations: [organization],
            usage: 'client',
          });
          return { cert: pair.certificatePem, key: pair.keyPem };
        };
        expect((await ask(nodes, issue('ops')))?.status).to.equal(200);
        const refused = await ask(nodes, issue('devs'));
        expect(refused?.status).to.equal(403);
        expect(refused?.body).to.include('User \\"olga\\" cannot list resource \\"nodes\\"');
      });

      it('is closed to a wrong token', async () => {
        const answer = await ask(nodes, withToken('wrong'));
        expect(answer?.status).to.equal(401);
        expect(JSON.parse(answer?.body ?? '')).to.deep.equal({
          kind: 'Status',
          apiVersion: 'v1',
          metadata: {},
          status: 'Failure',
          message: 'Unauthorized',
          reason: 'Unauthorized',
          code: 401,
        });
      });
    });
  }

  it('is refused in the same bytes by the API server and by Headroom', async () => {
    for (const path of [nodes, `${nodes}/sim-0`, podsOfDefault, `${base}/pods?labelSelector=a%3Db`]) {
      expect(await directly(path), path).to.deep.equal(await aggregated(path));
    }
  });

  it('is judged by who a caller says to be where the API server lets them', async () => {
    const as = (user: string) => cluster.controlPlane.kubectl(['get', '--raw', nodes, `--as=${user}`]);
    expect((await as('system:serviceaccount:default:reader')).code).to.equal(0);
    const refused = await as('mallory');
    expect(refused.stderr).to.equal(
      'Error from server (Forbidden): nodes.metrics.k8s.io is forbidden: User "mallory" cannot list resource "nodes" in API group "metrics.k8s.io" at the cluster scope\n',
    );
  });

  it('believes no proxy headers but those of the front proxy', async () => {
    const headers = { 'x-remote-user': 'kubernetes-admin', 'x-remote-group': 'system:masters' };
    expect((await directly(nodes, { headers }))?.status).to.equal(403);
    const { certificatePem: cert, keyPem: key } = cluster.controlPlane.credentials.clusterCa.issue({
      commonName: 'front-proxy-client',
      usage: 'client',
    });
    expect((await directly(nodes, { headers, cert, key }))?.body).to.include('User \\"front-proxy-client\\"');
  });

  it('answers curl, which says who it is, in indented JSON', async () => {
    const headers = { authorization: `Bearer ${tokens['reader']}`, 'user-agent': 'curl/8.5.0' };
    const answer = await directly(`${nodes}/sim-0`, { headers });
    expect(answer?.body).to.match(/^\{\n {2}"kind": "NodeMetrics",\n {2}"apiVersion": "metrics\.k8s\.io\/v1beta1",\n/);
  });

  it('leaves the health endpoints open to everybody, and the self-metrics to those with the right', async () => {
    for (const path of ['/livez', '/healthz', '/readyz']) {
      expect(await directly(path), path).to.deep.equal({ status: 200, body: 'ok' });
    }
    const refused = await directly('/metrics');
    expect(refused?.status).to.equal(403);
    expect(refused?.body).to.include('forbidden: User \\"system:anonymous\\" cannot get path \\"/metrics\\"');
    await cluster.kubectl('create', 'clusterrole', 'scraper', '--verb=get', '--non-resource-url=/metrics');
    await cluster.kubectl('create', 'clusterrolebinding', 'scraper', '--clusterrole=scraper', '--group=scrapers');
    const { certificatePem: cert, keyPem: key } = cluster.controlPlane.credentials.clusterCa.issue({
      commonName: 'prometheus',
      organizations: ['scrapers'],
      usage: 'client',
    });
    expect((await directly('/metrics', { cert, key }))?.body).to.include('metrics_server_kubelet_request_total');
  });
});
