// What the cases of reason-cases.ts are about: targets, definitions of kinds, and what refuses changes.
import { deployment, podTemplate, replicaSet, replicationController, statefulSet } from './workload-builders.ts';

/** Kinds whose scale may be read and written; that of ReplicaSets may be read only, and that of Jobs neither. */
export const scalesAllowed = [
  'deployments',
  'statefulsets',
  'replicationcontrollers',
  'daemonsets',
  'gadgets',
  'doodads',
];

/** What the cases are about. */
export function reasonObjects(): readonly object[] {
  const rivals = { app: 'rivals' };
  const sleepers = { app: 'sleepers' };
  return [
    // No controller runs that would make it, and no Pod is admitted without.
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } },
    deployment({ name: 'web' }),
    deployment({ name: 'web-2' }),
    deployment({ name: 'at-zero', replicas: 0 }),
    deployment({ name: 'below' }),
    deployment({ name: 'above', replicas: 5 }),
    deployment({ name: 'policy' }),
    deployment({ name: 'contended' }),
    statefulSet({ name: 'webhook' }),
    replicationController({ name: 'webhook-away' }),
    replicaSet({ name: 'forbidden-write' }),
    deployment({ name: 'rival-a', labels: rivals }),
    deployment({ name: 'rival-b', labels: rivals }),
    pod('contested', rivals),
    deployment({ name: 'asleep', replicas: 0, labels: sleepers }),
    deployment({ name: 'awake', labels: sleepers }),
    pod('dreamer', sleepers),
  ];
}

function pod(name: string, labels: Readonly<Record<string, string>>): object {
  const { spec } = podTemplate({ labels }) as { spec: object };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', labels }, spec };
}

/** A Pod whose requests are less than a milli-unit, in all places where requests can be. */
export const tinyRequests: readonly object[] = [
  {
    apiVersion: 'node.k8s.io/v1',
    kind: 'RuntimeClass',
    metadata: { name: 'tiny' },
    handler: 'tiny',
    overhead: { podFixed: { cpu: '100u' } },
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'tiny', namespace: 'default' },
    spec: {
      runtimeClassName: 'tiny',
      resources: { requests: { cpu: '10001u' } },
      containers: [{ name: 'app', image: 'any', resources: { requests: { cpu: '100u' } } }],
    },
  },
];

/** Custom resources, once their definitions are served. */
export function reasonCustomResources(): readonly object[] {
  const doodad = { apiVersion: 'example.com/v1', kind: 'Doodad', metadata: { name: 'any', namespace: 'default' } };
  const gadget = (name: string, selector: string | undefined): object => ({
    apiVersion: 'example.com/v1',
    kind: 'Gadget',
    metadata: { name, namespace: 'default' },
    spec: { replicas: 1, selector },
    status: { replicas: 1 },
  });
  return [
    { ...doodad, spec: { replicas: 1 } },
    gadget('gt', 'app>3'),
    gadget('bad', 'app in ('),
    gadget('plain', undefined),
  ];
}

const anything = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
const scale = {
  specReplicasPath: '.spec.replicas',
  statusReplicasPath: '.status.replicas',
  labelSelectorPath: '.spec.selector',
};

function definition(kind: string, versions: readonly object[]): object {
  const singular = kind.toLowerCase();
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${singular}s.example.com` },
    spec: { group: 'example.com', names: { kind, plural: `${singular}s`, singular }, scope: 'Namespaced', versions },
  };
}

export const reasonDefinitions: readonly object[] = [
  definition('Gadget', [{ name: 'v1', served: true, storage: true, schema: anything, subresources: { scale } }]),
  definition('Doodad', [
    { name: 'v1', served: true, storage: true, schema: anything, subresources: { scale } },
    { name: 'v2', served: true, storage: false, schema: anything },
  ]),
];

/** Where admission reviews are answered. */
export interface ReasonWebhooks {
  readonly caPem: string;
  readonly refusingUrl: string;
  /** Changes what is to be written. */
  readonly contendingUrl: string;
}

/** What refuses changes, or makes them meet a conflict. */
export function reasonRefusals({ caPem, refusingUrl, contendingUrl }: ReasonWebhooks): readonly object[] {
  const caBundle = Buffer.from(caPem).toString('base64');
  return [
    ...policy(
      'quiet',
      { apiGroups: ['apps'], resources: ['deployments/scale'] },
      "object.metadata.name != 'policy'",
      'not tonight',
    ),
    ...policy(
      'mute',
      { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers/status'] },
      "object.metadata.name != 'mute'",
      'say nothing',
    ),
    webhook('refuses', { apiGroups: ['apps'], resources: ['statefulsets/scale'] }, { url: refusingUrl, caBundle }),
    webhook(
      'contends',
      { apiGroups: ['apps', 'autoscaling'], resources: ['deployments/scale', 'horizontalpodautoscalers/status'] },
      { url: contendingUrl, caBundle },
      isContended,
    ),
    // Nobody listens on port 1.
    webhook(
      'away',
      { apiGroups: [''], resources: ['replicationcontrollers/scale'] },
      { url: 'https://127.0.0.1:1/', caBundle },
    ),
  ];
}

interface Scope {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
}

/** Of the target of one autoscaler the scale, of another one the status. */
const isContended = "object.metadata.name == (request.subResource == 'scale' ? 'contended' : 'muddled')";

const updates = { apiVersions: ['*'], operations: ['UPDATE'] };

function policy(name: string, scope: Scope, expression: string, message: string): readonly object[] {
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const metadata = { name };
  const resourceRules = [{ ...scope, ...updates }];
  return [
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicy',
      metadata,
      spec: { failurePolicy: 'Fail', matchConstraints: { resourceRules }, validations: [{ expression, message }] },
    },
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata,
      spec: { policyName: name, validationActions: ['Deny'] },
    },
  ];
}

function webhook(name: string, scope: Scope, clientConfig: object, condition = 'true'): object {
  const rules = [{ ...scope, ...updates }];
  const settings = { admissionReviewVersions: ['v1'], sideEffects: 'None', failurePolicy: 'Fail', timeoutSeconds: 5 };
  const matchConditions = [{ name: 'condition', expression: condition }];
  const webhooks = [{ name: `${name}.example.com`, clientConfig, rules, matchConditions, ...settings }];
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name },
    webhooks,
  };
}
