// Autoscalers that a real control plane has to answer for: what is wrong with each, and what the real controller says of it. Only what needs the
// API server's own words is here; test/parity/vectors/conversations.json has the rest.
import { deployment, podTemplate, replicationController, statefulSet } from './workload-builders.ts';

export interface ReasonCase {
  /** Of the autoscaler. */
  readonly name: string;
  readonly title: string;
  readonly target: { readonly apiVersion: string; readonly kind: string; readonly name: string };
  readonly minReplicas?: number;
  readonly maxReplicas?: number;
  readonly metrics?: readonly object[];
  /** What the real controller must have said, as `AbleToScale False FailedGetScale` or `Warning FailedGetScale`, and a part of its words. */
  readonly says: readonly (readonly [what: string, words: string])[];
  /** Words of events that it may also say, by chance. */
  readonly chance?: string;
}

const apps = (kind: string, name: string): ReasonCase['target'] => ({ apiVersion: 'apps/v1', kind, name });
const example = (kind: string, name: string): ReasonCase['target'] => ({ apiVersion: 'example.com/v1', kind, name });
const notRead = (words: string): ReasonCase['says'] => [
  ['AbleToScale False FailedGetScale', words],
  ['Warning FailedGetScale', words],
];
const notWritten = (words: string): ReasonCase['says'] => [
  ['AbleToScale False FailedUpdateScale', words],
  ['Warning FailedRescale', `New size: 3; reason: Current number of replicas below Spec.MinReplicas; error: `],
  ['Warning FailedRescale', words],
];
const target = { type: 'AverageValue', averageValue: '1' };

export const reasonCases: readonly ReasonCase[] = [
  {
    name: 'missing',
    title: 'a Deployment that is not there',
    target: apps('Deployment', 'none'),
    says: notRead('deployments.apps "none" not found'),
  },
  {
    name: 'missing-stateful',
    title: 'a StatefulSet that is not there',
    target: apps('StatefulSet', 'none'),
    says: notRead('statefulsets.apps "none" not found'),
  },
  {
    name: 'missing-custom',
    title: 'a custom resource that is not there',
    target: example('Gadget', 'none'),
    says: notRead('gadgets.example.com "none" not found'),
  },
  {
    name: 'daemon',
    title: 'a DaemonSet, which has no scale',
    target: apps('DaemonSet', 'agent'),
    says: notRead('the server could not find the requested resource'),
  },
  {
    name: 'unknown-kind',
    title: 'a kind that its group lacks',
    target: apps('Deploiment', 'web'),
    says: notRead('no matches for kind "Deploiment" in group "apps"'),
  },
  {
    name: 'unknown-group',
    title: 'a group that is not served',
    target: { apiVersion: 'no.example.com/v1', kind: 'Gadget', name: 'web' },
    says: notRead('no matches for kind "Gadget" in group "no.example.com"'),
  },
  {
    name: 'old-version',
    title: 'a custom resource whose preferred version has no scale, though another has: K10',
    target: example('Doodad', 'any'),
    // It is there; what is not found is its scale.
    says: notRead('doodads.example.com "any" not found'),
  },
  {
    name: 'forbidden-scale',
    title: 'a scale that may not be read',
    target: { apiVersion: 'batch/v1', kind: 'Job', name: 'any' },
    says: notRead('jobs.batch "any" is forbidden: User'),
  },
  {
    name: 'gt-selector',
    title: 'a selector with an operator that no LabelSelector has',
    target: example('Gadget', 'gt'),
    says: notRead(
      'received an object from a /scale endpoint which was not convertible to autoscaling Scale: failed to parse target selector: "gt" isn\'t supported in label selectors',
    ),
  },
  {
    name: 'bad-selector',
    title: 'a selector that does not parse, which is no InvalidSelector',
    target: example('Gadget', 'bad'),
    says: notRead(
      'received an object from a /scale endpoint which was not convertible to autoscaling Scale: failed to parse target selector: couldn\'t parse the selector string "app in ("',
    ),
  },
  {
    name: 'no-selector',
    title: 'a scale without a selector',
    target: example('Gadget', 'plain'),
    says: [
      ['ScalingActive False InvalidSelector', 'is missing a selector'],
      ['Warning SelectorRequired', 'selector is required'],
      ['Warning FailedComputeMetricsReplicas', 'selector is required'],
    ],
  },
  {
    name: 'rival-a',
    title: 'pods that another autoscaler scales too',
    target: apps('Deployment', 'rival-a'),
    // Until the other one has been looked at for the first time, nobody knows that they are rivals.
    chance: 'external metric',
    says: [
      ['ScalingActive False AmbiguousSelector', 'are controlled by multiple HPAs: [default/rival-a default/rival-b]'],
      ['Warning AmbiguousSelector', 'pods by selector app=rivals are'],
      ['Warning FailedComputeMetricsReplicas', 'pods by selector app=rivals are'],
    ],
  },
  {
    name: 'rival-b',
    title: 'the pods of the autoscaler before',
    target: apps('Deployment', 'rival-b'),
    // Until the other one has been looked at for the first time, nobody knows that they are rivals.
    chance: 'external metric',
    says: [
      ['ScalingActive False AmbiguousSelector', 'are controlled by multiple HPAs: [default/rival-a default/rival-b]'],
    ],
  },
  {
    name: 'at-zero',
    title: 'a target at zero',
    target: apps('Deployment', 'at-zero'),
    says: [
      ['ScalingActive False ScalingDisabled', 'scaling is disabled since'],
      ['AbleToScale True SucceededGetScale', 'was able to get'],
    ],
  },
  {
    name: 'below',
    title: 'fewer replicas than minReplicas',
    target: apps('Deployment', 'below'),
    minReplicas: 3,
    says: [['Normal SuccessfulRescale', 'New size: 3; reason: Current number of replicas below Spec.MinReplicas']],
  },
  {
    name: 'above',
    title: 'more replicas than maxReplicas',
    target: apps('Deployment', 'above'),
    maxReplicas: 2,
    says: [['Normal SuccessfulRescale', 'New size: 2; reason: Current number of replicas above Spec.MaxReplicas']],
  },
  {
    name: 'policy',
    title: 'a change of replicas that a ValidatingAdmissionPolicy refuses',
    target: apps('Deployment', 'policy'),
    minReplicas: 3,
    says: notWritten('denied request: not tonight'),
  },
  {
    name: 'webhook',
    title: 'a change of replicas that a webhook refuses',
    target: apps('StatefulSet', 'webhook'),
    minReplicas: 3,
    says: notWritten('admission webhook "refuses.example.com" denied the request: not tonight'),
  },
  {
    name: 'webhook-away',
    title: 'a change of replicas whose webhook is away',
    target: { apiVersion: 'v1', kind: 'ReplicationController', name: 'webhook-away' },
    minReplicas: 3,
    says: notWritten('failed calling webhook "away.example.com"'),
  },
  {
    name: 'forbidden-write',
    title: 'a change of replicas that is not allowed',
    target: apps('ReplicaSet', 'forbidden-write'),
    minReplicas: 3,
    says: notWritten('cannot update resource "replicasets/scale" in API group "apps"'),
  },
  {
    name: 'mute',
    title: 'a status that a ValidatingAdmissionPolicy refuses',
    target: apps('Deployment', 'at-zero'),
    says: [['Warning FailedUpdateStatus', 'denied request: say nothing']],
  },
  {
    name: 'no-custom-api',
    title: 'a Pods metric without a custom metrics API',
    target: apps('Deployment', 'web'),
    metrics: [{ type: 'Pods', pods: { metric: { name: 'rps' }, target } }],
    says: [
      ['ScalingActive False FailedGetPodsMetric', 'no custom metrics API (custom.metrics.k8s.io) registered'],
      ['Warning FailedGetPodsMetric', 'unable to get metric rps: unable to fetch metrics from custom metrics API: no'],
      [
        'Warning FailedComputeMetricsReplicas',
        'invalid metrics (1 invalid out of 1), first error is: failed to get pods metric value: ',
      ],
    ],
  },
  {
    name: 'no-external-api',
    title: 'an External metric without an external metrics API',
    target: apps('Deployment', 'web-2'),
    metrics: [{ type: 'External', external: { metric: { name: 'queue' }, target } }],
    says: [
      [
        'ScalingActive False FailedGetExternalMetric',
        'unable to fetch metrics from external metrics API: the server could not find',
      ],
      ['Warning FailedGetExternalMetric', 'unable to get external metric default/queue/nil: unable to fetch'],
      [
        'Warning FailedComputeMetricsReplicas',
        'failed to get queue external metric value: failed to get queue external metric: unable',
      ],
    ],
  },
];

/** Kinds whose scale may be read and written; that of ReplicaSets may be read only, and that of Jobs neither. */
export const scalesAllowed = [
  'deployments',
  'statefulsets',
  'replicationcontrollers',
  'daemonsets',
  'gadgets',
  'doodads',
];

const replicaSet = { ...statefulSet({ name: 'forbidden-write' }), kind: 'ReplicaSet' };

/** What the cases are about. */
export function reasonObjects(): readonly object[] {
  const rivals = { app: 'rivals' };
  const { spec } = podTemplate({ labels: rivals }) as { spec: object };
  return [
    // No controller runs that would make it, and no Pod is admitted without.
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } },
    deployment({ name: 'web' }),
    deployment({ name: 'web-2' }),
    deployment({ name: 'at-zero', replicas: 0 }),
    deployment({ name: 'below' }),
    deployment({ name: 'above', replicas: 5 }),
    deployment({ name: 'policy' }),
    statefulSet({ name: 'webhook' }),
    replicationController({ name: 'webhook-away' }),
    { ...replicaSet, spec: withoutServiceName(replicaSet) },
    deployment({ name: 'rival-a', labels: rivals }),
    deployment({ name: 'rival-b', labels: rivals }),
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'contested', namespace: 'default', labels: rivals }, spec },
  ];
}

function withoutServiceName(object: object): object {
  const { serviceName: _, ...spec } = (object as { spec: { serviceName: string } }).spec;
  return spec;
}

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

/** What refuses changes. `webhookUrl` answers admission reviews, with a certificate of that CA. */
export function reasonRefusals(webhookUrl: string, caPem: string): readonly object[] {
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
    webhook('refuses', { apiGroups: ['apps'], resources: ['statefulsets/scale'] }, { url: webhookUrl, caBundle }),
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

function webhook(name: string, scope: Scope, clientConfig: object): object {
  const rules = [{ ...scope, ...updates }];
  const settings = { admissionReviewVersions: ['v1'], sideEffects: 'None', failurePolicy: 'Fail', timeoutSeconds: 5 };
  const webhooks = [{ name: `${name}.example.com`, clientConfig, rules, ...settings }];
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name },
    webhooks,
  };
}
