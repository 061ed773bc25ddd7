// Autoscalers that a real control plane has to answer for: what is wrong with each, and what the real controller says of it. Only what needs the
// API server's own words is here; test/parity/vectors/conversations.json has the rest.
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
    name: 'contended',
    title: 'a change of replicas that always meets a conflict: after five tries',
    target: apps('Deployment', 'contended'),
    minReplicas: 3,
    says: notWritten('Operation cannot be fulfilled on deployments.apps "contended": the object has been modified;'),
  },
  {
    name: 'muddled',
    title: 'a status that always meets a conflict',
    target: apps('Deployment', 'at-zero'),
    says: [
      [
        'Warning FailedUpdateStatus',
        'Operation cannot be fulfilled on horizontalpodautoscalers.autoscaling "muddled": the object has been modified;',
      ],
    ],
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

/** Two autoscalers whose targets share their pods; one is at zero from the beginning. Apart, as the programs differ (K13). */
export const sleepers: readonly Pick<ReasonCase, 'name' | 'target'>[] = ['asleep', 'awake'].map((name) => ({
  name,
  target: apps('Deployment', name),
}));
