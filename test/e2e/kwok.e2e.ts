// E2e: nodes that are not ours. kwok's kubelets have one port for all nodes, and say on which path each node's samples are.
import { expect } from 'chai';
import { type ControlPlane, startControlPlane } from '../cluster/control-plane.ts';
import { type Kwok, startKwok } from '../cluster/kwok.ts';
import { reservePorts } from '../cluster/ports.ts';
import { type ClusterTools, clusterTools, eventually, installConfig, tableCells } from '../support/cluster-fixture.ts';
import { type HeadroomProcess, startHeadroom } from '../support/headroom-process.ts';
import { deployment, horizontalPodAutoscaler } from '../support/workload-builders.ts';

describe('Headroom with kwok’s nodes', () => {
  let controlPlane: ControlPlane;
  let kwok: Kwok;
  let headroom: HeadroomProcess;
  let cluster: ClusterTools;
  const started = new AsyncDisposableStack();

  /** kwok's pods use what their annotation says. */
  const burning = (name: string, cpu: string): object => {
    // The scheduler gives each node one: kwok's nodes use nothing but what their pods use.
    const made = deployment({ name, replicas: 2 }) as { spec: { template: { metadata: object } } };
    const { metadata } = made.spec.template;
    const annotations = { 'kwok.x-k8s.io/usage-cpu': cpu, 'kwok.x-k8s.io/usage-memory': '32Mi' };
    made.spec.template.metadata = { ...metadata, annotations };
    return made;
  };

  before(async () => {
    controlPlane = started.use(await startControlPlane());
    kwok = started.use(await startKwok(controlPlane, { nodes: 2 }));
    cluster = clusterTools(controlPlane);
    const reserved = await reservePorts(1);
    started.defer(() => reserved.release());
    const [port = 0] = reserved.ports;
    await installConfig(controlPlane, port);
    await cluster.apply(burning('web', '300m'), horizontalPodAutoscaler({ name: 'web', maxReplicas: 4 }));
    headroom = started.use(await startHeadroom(controlPlane, { port }));
  });

  after(() => started.disposeAsync());

  it('scrapes each node on the path of its annotation', async () => {
    const table = await eventually(async () => {
      const { code, stdout } = await controlPlane.kubectl(['top', 'node', '--no-headers']);
      return code === 0 && !stdout.includes('<unknown>') && stdout;
    });
    expect(tableCells(table).map(([name]) => name)).to.deep.equal(kwok.nodeNames);
    expect(headroom.logged('node cannot be scraped')).to.deep.equal([]);
  });

  it('shows what the pods there use', async () => {
    const [row] = await eventually(async () => {
      const { code, stdout } = await controlPlane.kubectl(['top', 'pod', '-l', 'app=web', '--no-headers']);
      return code === 0 && tableCells(stdout);
    });
    const milliCores = Number(/^(\d+)m$/.exec(row?.[1] ?? '')?.[1]);
    expect(milliCores).to.be.closeTo(300, 30);
    expect(row?.[2]).to.equal('32Mi');
  });

  it('scales the pods there by an HPA', async () => {
    // Each pod uses 300m of 200m whatever their number is: 150 % of a target of 50 % calls for the maximum.
    await cluster.kubectl('wait', 'deployment/web', '--for=jsonpath={.spec.replicas}=4', '--timeout=60s');
    const active = await eventually(async () => {
      const [row] = tableCells(await cluster.kubectl('get', 'hpa', 'web', '--no-headers'));
      return row?.[5] === '4' && row;
    });
    expect(active?.[2]).to.match(/^cpu: 1[45]\d%\/50%$/);
  });
});
