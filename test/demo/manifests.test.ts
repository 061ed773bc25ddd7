import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { readExample, withPort } from '../../demo/manifests.ts';

const sample = readFileSync(new URL('../../config/samples/php-apache.yaml', import.meta.url), 'utf8');

interface Item {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

function itemsOf({ manifest }: { readonly manifest: Readonly<Record<string, unknown>> }): readonly Item[] {
  return manifest['items'] as readonly Item[];
}

describe("the demo's manifests", () => {
  it('put the port into Service and APIService', () => {
    const text = 'spec:\n  ports:\n  - port: 65535\n---\nspec:\n  service:\n    port: 65535\n';
    expect(withPort(text, 1234)).to.equal(text.replaceAll('65535', '1234'));
  });

  it('refuse an overlay in which the port does not stand twice', () => {
    expect(() => withPort('port: 65535', 1234)).to.throw('names port 65535 1 times, not twice');
    expect(() => withPort('port: 655350', 1234)).to.throw('0 times');
  });

  it('take the sample as it is, but for the stabilization window', () => {
    const example = readExample(sample, { stabilizationSeconds: 15 });
    expect(example).to.include({
      name: 'php-apache',
      cpuRequestMilli: 200,
      targetPercent: 50,
      minReplicas: 1,
      maxReplicas: 10,
      stabilizationSeconds: 15,
    });
    const kinds = itemsOf(example).map(({ kind }) => kind);
    expect(kinds).to.have.members(['ConfigMap', 'Service', 'Deployment', 'HorizontalPodAutoscaler']);
    const autoscaler = itemsOf(example).find(({ kind }) => kind === 'HorizontalPodAutoscaler');
    expect(autoscaler?.spec).to.deep.include({
      minReplicas: 1,
      maxReplicas: 10,
      behavior: { scaleDown: { stabilizationWindowSeconds: 15 } },
    });
  });

  it('scale another Deployment in its place', () => {
    const containers = [{ resources: { requests: { cpu: '100m' } } }, { resources: { requests: { cpu: '50m' } } }];
    const deployment = {
      kind: 'Deployment',
      metadata: { name: 'burner' },
      spec: { template: { spec: { containers } } },
    };
    const example = readExample(sample, { stabilizationSeconds: 20, deployment, maxReplicas: 4 });
    expect(example).to.include({ name: 'burner', cpuRequestMilli: 150, maxReplicas: 4 });
    expect(itemsOf(example).map(({ kind, metadata }) => `${kind}/${metadata.name}`)).to.deep.equal([
      'Deployment/burner',
      'HorizontalPodAutoscaler/burner',
    ]);
    expect(itemsOf(example)[1]?.spec['scaleTargetRef']).to.include({ name: 'burner' });
  });
});
