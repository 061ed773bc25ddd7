import { expect } from 'chai';
import { check } from '../../src/check/check.ts';

const settings = { namespace: 'default', scaleToZero: true };
const target = 'scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}';

/** An HPA of Deployment web, 1 to 5 replicas, whose spec has this too. */
function hpa(more: string, changes: { name?: string; target?: string; range?: string } = {}): string {
  const { name = 'web', target: own = target, range = 'minReplicas: 1, maxReplicas: 5' } = changes;
  return `apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: ${name}}\nspec: {${own}, ${range}${more && `, ${more}`}}\n`;
}

function headroom(more: string, name = 'web'): string {
  return hpa(more, { name })
    .replace('autoscaling/v2', 'autoscaling.headroom.dev/v1alpha1')
    .replace('HorizontalPodAutoscaler', 'HeadroomAutoscaler');
}

/** A Deployment of one container, `app`, with these resources. */
function deployment(
  resources: string,
  more: { name?: string; labels?: string; spec?: string; pod?: string } = {},
): string {
  const { name = 'web', labels = '{app: web}', spec = '', pod = '' } = more;
  return `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}}\nspec: {selector: {matchLabels: ${labels}}, ${spec && `${spec}, `}template: {metadata: {labels: ${labels}}, spec: {${pod && `${pod}, `}containers: [{name: app, resources: ${resources}}]}}}\n`;
}

function warningsOf(...documents: readonly string[]): string[] {
  const { autoscalers, others } = check([{ file: 'a.yaml', text: documents.join('---\n') }], settings);
  const findings = [...autoscalers.flatMap((one) => one.findings), ...others];
  expect(findings.filter(({ severity }) => severity === 'error')).to.deep.equal([]);
  return findings.map(({ field, message }) => `${field}: ${message}`);
}

function warns(title: string, documents: readonly string[], ...expected: readonly string[]): void {
  it(title, () => {
    expect(warningsOf(...documents)).to.deep.equal(expected);
  });
}

const metrics = (...items: readonly string[]): string => `metrics: [${items.join(', ')}]`;
const cpu = (utilization: number): string =>
  `{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: ${utilization}}}}`;
const pods = (inner: string): string =>
  `{type: Pods, pods: {metric: {name: qps${inner}}, target: {type: AverageValue, averageValue: 1}}}`;
const failed = 'the HPA was unable to compute the replica count';

describe('headroom check warns of what is admitted but makes no sense', () => {
  describe('nothing', () => {
    warns('about an HPA of which nothing more is known', [hpa('')]);
    warns('about an HPA whose workload is well', [hpa(''), deployment('{requests: {cpu: 100m}}')]);
    warns('about one direction that is disabled', [hpa('behavior: {scaleDown: {selectPolicy: Disabled}}')]);
    warns('about a limit that stands for the request', [hpa(metrics(cpu(50))), deployment('{limits: {cpu: 1}}')]);
    warns('about requests of the whole pod', [hpa(''), deployment('{}', { pod: 'resources: {requests: {cpu: 1}}' })]);
    warns('about a custom resource', [
      hpa('', { target: 'scaleTargetRef: {apiVersion: example.com/v1, kind: Web, name: web}' }),
    ]);
    warns('about a kind in lower case, which is found too', [
      hpa('', { target: 'scaleTargetRef: {apiVersion: apps/v1, kind: deployment, name: web}' }),
    ]);
    warns('about autoscalers of different namespaces', [
      hpa(''),
      hpa('').replace('{name: web}', '{name: web, namespace: other}'),
    ]);
    warns('about the window of scaleUp when it is short', [
      hpa('behavior: {scaleUp: {stabilizationWindowSeconds: 60}}'),
    ]);
    warns('about metrics that differ in their selector', [
      hpa(metrics(pods(', selector: {matchLabels: {a: b}}'), pods(''))),
    ]);
  });

  describe('bounds and behavior', () => {
    const limited = 'ScalingLimited True';
    warns(
      'min equal to max',
      [hpa('', { range: 'minReplicas: 3, maxReplicas: 3' })],
      `spec.maxReplicas: minReplicas and maxReplicas are both 3, so nothing ever scales; under load: ${limited} TooManyReplicas: the desired replica count is more than the maximum replica count`,
    );
    warns(
      'both directions disabled',
      [hpa('behavior: {scaleUp: {selectPolicy: Disabled}, scaleDown: {selectPolicy: Disabled}}')],
      `spec.behavior: both directions are Disabled, so metrics never change the replicas; under load: ${limited} ScaleUpLimit: the desired replica count is increasing faster than the maximum scale rate`,
    );
    warns(
      'a window of scaleUp longer than that of scaleDown',
      [hpa('behavior: {scaleUp: {stabilizationWindowSeconds: 900}}')],
      'spec.behavior.scaleUp.stabilizationWindowSeconds: load must last for 900 s before anything scales up, idleness only 300 s before it scales down; until then: AbleToScale True ScaleUpStabilized: recent recommendations were lower than current one, applying the lowest recent recommendation',
    );
    warns(
      'a tolerance that disables scaling down',
      [hpa('behavior: {scaleDown: {tolerance: 5}}')],
      'spec.behavior.scaleDown.tolerance: with a tolerance of 500 % even no usage at all is close enough to the target, so nothing ever scales down',
    );
    warns(
      'a tolerance that nearly disables scaling up',
      [headroom('behavior: {scaleUp: {tolerance: "1500m"}}')],
      'spec.behavior.scaleUp.tolerance: with a tolerance of 150 % nothing scales up before usage is above 250 % of the target',
    );
  });

  describe('metrics', () => {
    warns(
      'one metric twice',
      [hpa(metrics(cpu(50), cpu(80)))],
      'spec.metrics[1]: spec.metrics[0] is the same metric; the target that asks for more replicas decides, the other never does',
    );
    warns(
      'an amount finer than a thousandth',
      [hpa(metrics('{type: Pods, pods: {metric: {name: qps}, target: {type: AverageValue, averageValue: 500u}}}'))],
      'spec.metrics[0].pods.target.averageValue: the controller counts in thousandths of a unit and takes 500u for 1m',
    );
    warns(
      'a selector that is none',
      [hpa(metrics(pods(', selector: {matchExpressions: [{key: a, operator: Is}]}')))],
      `spec.metrics[0]: ScalingActive False FailedGetPodsMetric: ${failed}: "Is" is not a valid label selector operator`,
    );
    warns(
      'an Object target whose type and amount do not agree',
      [
        hpa(
          metrics(
            '{type: Object, object: {describedObject: {kind: Service, name: web}, metric: {name: qps}, target: {type: Utilization, value: 1}}}',
          ),
        ),
      ],
      `spec.metrics[0]: ScalingActive False FailedGetObjectMetric: ${failed}: invalid object metric source: neither a value target nor an average value target was set`,
    );
    warns(
      'a resource that nobody measures',
      [hpa(metrics('{type: Resource, resource: {name: gpu, target: {type: AverageValue, averageValue: 1}}}'))],
      `spec.metrics[0]: ScalingActive False FailedGetResourceMetric: ${failed}: failed to get gpu usage: unable to get metrics for resource gpu: no metrics returned from resource metrics API`,
    );
    warns(
      'a workload without requests',
      [hpa(''), deployment('{requests: {memory: 1Gi}}')],
      `spec.metrics[0]: ScalingActive False FailedGetResourceMetric: ${failed}: failed to get cpu utilization: missing request for cpu in container app of Pod web-*`,
    );
    warns(
      'a container that the workload has not',
      [
        hpa(
          metrics(
            '{type: ContainerResource, containerResource: {name: cpu, container: sidecar, target: {type: Utilization, averageUtilization: 50}}}',
          ),
        ),
        deployment('{requests: {cpu: 1}}'),
      ],
      `spec.metrics[0]: ScalingActive False FailedGetContainerResourceMetric: ${failed}: failed to get cpu utilization: container sidecar not found in Pod web-*`,
    );
    warns(
      'a utilization that the limits never allow',
      [
        hpa(metrics(cpu(80))),
        deployment('{requests: {cpu: 2}, limits: {cpu: 1}}').replace('requests: {cpu: 2}', 'requests: {cpu: 1500m}'),
      ],
      'spec.metrics[0].resource.target.averageUtilization: the limits of the pods stop cpu at 66 % of their requests, so this target (with its tolerance) is never passed and nothing scales up',
    );
  });

  describe('targets', () => {
    const cannot = "AbleToScale False FailedGetScale: the HPA controller was unable to get the target's current scale";
    const of = (apiVersion: string, kind: string): string[] => [
      hpa('', { target: `scaleTargetRef: {apiVersion: ${apiVersion}, kind: ${kind}, name: web}` }),
    ];
    warns(
      'a DaemonSet',
      of('apps/v1', 'DaemonSet'),
      `spec.scaleTargetRef.kind: ${cannot}: the server could not find the requested resource`,
    );
    warns(
      'a CronJob',
      of('batch/v1', 'CronJob'),
      `spec.scaleTargetRef.kind: ${cannot}: the server could not find the requested resource`,
    );
    warns(
      'a kind that does not exist',
      of('apps/v1', 'Deploymnet'),
      `spec.scaleTargetRef.kind: ${cannot}: no matches for kind "Deploymnet" in group "apps"`,
    );
    warns(
      'a group that is gone',
      of('extensions/v1beta1', 'Deployment'),
      `spec.scaleTargetRef.apiVersion: ${cannot}: no matches for kind "Deployment" in group "extensions"`,
    );

    const ambiguous = (selector: string, names: string): string =>
      `spec.scaleTargetRef: ScalingActive False AmbiguousSelector: pods by selector ${selector} are controlled by multiple HPAs: [${names}]`;
    warns(
      'two HPAs on one target',
      [hpa('', { name: 'a' }), hpa('', { name: 'b' }), deployment('{requests: {cpu: 1}}')],
      ambiguous('app=web', 'default/a default/b'),
      ambiguous('app=web', 'default/a default/b'),
    );
    warns(
      'two HPAs on workloads that share pods',
      [
        hpa('', { name: 'a' }),
        hpa('', { name: 'b', target: target.replace('name: web', 'name: all') }),
        deployment('{requests: {cpu: 1}}', { labels: '{app: web}' }),
        deployment('{requests: {cpu: 1}}', { name: 'all', labels: '{app: web}' }),
      ],
      ambiguous('app=web', 'default/a default/b'),
      ambiguous('app=web', 'default/a default/b'),
    );
    const refused =
      'spec.scaleTargetRef: ScalingActive False AmbiguousTarget: HeadroomAutoscaler default/web and HorizontalPodAutoscaler default/web have the same scale target, Deployment default/web: none of them scales it until only one is left';
    warns('an HPA and a HeadroomAutoscaler on one target', [hpa(''), headroom('')], refused, refused);
    warns(
      'replicas in the manifest of the target',
      [hpa(''), deployment('{requests: {cpu: 1}}', { spec: 'replicas: 3' })],
      'spec.replicas: each kubectl apply of this manifest sets 3 replicas, whatever its autoscaler wants',
    );
    warns(
      'a target that is switched off',
      [hpa(''), deployment('{requests: {cpu: 1}}', { spec: 'replicas: 0' })],
      'spec.replicas: ScalingActive False ScalingDisabled: scaling is disabled since the replica count of the target is zero',
    );
    warns(
      'an autoscaler that is written twice',
      [hpa(''), hpa('', { target: target.replace('web', 'api') })],
      'metadata.name: HorizontalPodAutoscaler default/web is written at a.yaml:1 too; applied after it, this one replaces it',
    );
  });

  describe('an autoscaler that is written twice', () => {
    const twice =
      'HorizontalPodAutoscaler default/a is written at a.yaml:1 too; applied after it, this one replaces it';
    const ambiguous =
      'spec.scaleTargetRef: ScalingActive False AmbiguousSelector: pods by selector of its target are controlled by multiple HPAs:';
    warns('is no rival of itself', [hpa('', { name: 'a' }), hpa('', { name: 'a' })], `metadata.name: ${twice}`);
    warns(
      'counts once among the rivals of another',
      [hpa('', { name: 'a' }), hpa('', { name: 'a' }), hpa('', { name: 'b' })],
      `metadata.name: ${twice}`,
      `${ambiguous} [default/a default/b]`,
      `${ambiguous} [default/a default/b]`,
    );
    const generated = hpa('').replace('{name: web}', '{generateName: web-}');
    warns(
      'is another one when its name is generated',
      [generated, generated],
      `${ambiguous} [default/web- default/web-]`,
      `${ambiguous} [default/web- default/web-]`,
    );
  });

  describe('annotations of other versions', () => {
    const annotated = (value: string): string =>
      hpa('').replace('{name: web}', `{name: web, annotations: {autoscaling.alpha.kubernetes.io/metrics: ${value}}}`);
    const field = 'metadata.annotations.autoscaling.alpha.kubernetes.io/metrics';
    warns(
      'that v2 drops',
      [annotated('"[]"')],
      `${field}: the API server drops autoscaling.alpha.kubernetes.io/metrics from a v2 object without reading it`,
    );
    warns(
      'that v1 cannot read',
      [annotated('cpu').replace('/v2', '/v1')],
      `${field}: the API server cannot read autoscaling.alpha.kubernetes.io/metrics and passes over it without a word`,
    );
    warns('nothing about those that v1 reads', [annotated('"[]"').replace('/v2', '/v1')]);
  });
});
