// Pure: the manifests that the demo applies: config/ with Headroom's port, and the example workload.
import { parseAllDocuments } from 'yaml';
import { parseQuantityMilli } from '../src/lib/quantity.ts';

/** What stands for Headroom's port in config/overlays/test. */
const portPlaceholder = 65_535;

type Json = Readonly<Record<string, unknown>>;

interface Deployment {
  readonly kind: 'Deployment';
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly {
          readonly resources: { readonly requests: Readonly<Record<string, string>> };
        }[];
      };
    };
  };
}

interface Autoscaler {
  readonly kind: 'HorizontalPodAutoscaler';
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly scaleTargetRef: { readonly name: string };
    readonly minReplicas: number;
    readonly maxReplicas: number;
    readonly metrics: readonly { readonly resource: { readonly target: { readonly averageUtilization: number } } }[];
    readonly behavior?: { readonly scaleDown: { readonly stabilizationWindowSeconds: number } };
  };
}

/** The workload that is scaled, and its autoscaler; both have the same name and live in namespace `default`. */
export interface Example {
  readonly name: string;
  /** A v1 List. */
  readonly manifest: Json;
  readonly cpuRequestMilli: number;
  readonly targetPercent: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** spec.behavior.scaleDown.stabilizationWindowSeconds, shortened for the demo. */
  readonly stabilizationSeconds: number;
}

/** Put in for what the sample says, or leaves to its default. */
export interface ExampleChanges {
  readonly stabilizationSeconds: number;
  /** Replaces the sample's Deployment; the autoscaler then has its name and scales it. */
  readonly deployment?: object;
  readonly maxReplicas?: number;
}

/** config/overlays/test as kustomize renders it, leading to the port that Headroom listens on. */
export function withPort(renderedOverlay: string, port: number): string {
  const placeholder = new RegExp(`\\bport: ${portPlaceholder}\\b`, 'g');
  const found = renderedOverlay.match(placeholder)?.length ?? 0;
  if (found !== 2) throw new Error(`config/overlays/test names port ${portPlaceholder} ${found} times, not twice`);
  return renderedOverlay.replaceAll(placeholder, `port: ${port}`);
}

/** The example from the text of config/samples/php-apache.yaml. */
export function readExample(sampleText: string, changes: ExampleChanges): Example {
  const documents = parseAllDocuments(sampleText).map((document): Json => document.toJS());
  const own = documents.find(isDeployment);
  const autoscaler = documents.find(isAutoscaler);
  if (own === undefined || autoscaler === undefined) {
    throw new Error('the sample must hold a Deployment and a HorizontalPodAutoscaler');
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- made by our own code
  const deployment = changes.deployment === undefined ? own : (changes.deployment as Deployment);
  const changed = changeAutoscaler(autoscaler, deployment.metadata.name, changes);
  const others =
    changes.deployment === undefined ? documents.filter((document) => document !== own && document !== autoscaler) : [];
  return {
    name: deployment.metadata.name,
    manifest: { apiVersion: 'v1', kind: 'List', items: [...others, deployment, changed] },
    cpuRequestMilli: cpuRequestMilli(deployment),
    targetPercent: changed.spec.metrics[0]?.resource.target.averageUtilization ?? 0,
    minReplicas: changed.spec.minReplicas,
    maxReplicas: changed.spec.maxReplicas,
    stabilizationSeconds: changes.stabilizationSeconds,
  };
}

function changeAutoscaler(sample: Autoscaler, name: string, changes: ExampleChanges): Autoscaler {
  const { spec } = sample;
  const behavior = { scaleDown: { stabilizationWindowSeconds: changes.stabilizationSeconds } };
  return {
    ...sample,
    metadata: { ...sample.metadata, name },
    spec: {
      ...spec,
      scaleTargetRef: { ...spec.scaleTargetRef, name },
      maxReplicas: changes.maxReplicas ?? spec.maxReplicas,
      behavior,
    },
  };
}

function cpuRequestMilli(deployment: Deployment): number {
  const requests = deployment.spec.template.spec.containers.map(({ resources }) => resources.requests['cpu'] ?? '0');
  return requests.reduce((sum, cpu) => sum + Number(parseQuantityMilli(cpu)), 0);
}

function isDeployment(document: Json): document is Json & Deployment {
  return document['kind'] === 'Deployment';
}

function isAutoscaler(document: Json): document is Json & Autoscaler {
  return document['kind'] === 'HorizontalPodAutoscaler';
}
