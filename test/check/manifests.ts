// The manifests whose fate `headroom check` must know. answers.json holds what a real API server said to each; `node test/check/record.ts` asks it again.

export interface ManifestCase {
  readonly title: string;
  readonly manifest: string;
  /** Upstream goes through a map somewhere, so that its causes come in random order. */
  readonly anyOrder?: true;
  /** The API server has HPAScaleToZero on. */
  readonly scaleToZero?: true;
}

const target = 'scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}';
const cases: ManifestCase[] = [];

function add(title: string, manifest: string, more: Omit<ManifestCase, 'title' | 'manifest'> = {}): void {
  cases.push({ title, manifest, ...more });
}

/** An autoscaling/v2 HPA whose spec is this flow mapping. */
function v2(spec: string, metadata = '{name: web}'): string {
  return `apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: ${metadata}\nspec: ${spec}\n`;
}

function v1(spec: string, metadata = '{name: web}'): string {
  return v2(spec, metadata).replace('autoscaling/v2', 'autoscaling/v1');
}

function headroom(spec: string, metadata = '{name: web}'): string {
  return v2(spec, metadata)
    .replace('autoscaling/v2', 'autoscaling.headroom.dev/v1alpha1')
    .replace('HorizontalPodAutoscaler', 'HeadroomAutoscaler');
}

/** A valid spec with this added. */
function spec(more: string): string {
  return `{${target}, maxReplicas: 5, ${more}}`;
}

function metrics(...items: readonly string[]): string {
  return spec(`metrics: [${items.join(', ')}]`);
}

const cpu = '{type: Utilization, averageUtilization: 60}';
const average = '{type: AverageValue, averageValue: 1}';
const resource = (inner: string): string => `{type: Resource, resource: ${inner}}`;
const container = (inner: string): string => `{type: ContainerResource, containerResource: ${inner}}`;
const pods = (inner: string): string => `{type: Pods, pods: ${inner}}`;
const object = (inner: string): string => `{type: Object, object: ${inner}}`;
const external = (inner: string): string => `{type: External, external: ${inner}}`;
const podsWith = (amount: string): string => pods(`{metric: {name: qps}, target: ${amount}}`);
const service = 'describedObject: {kind: Service, name: web}';
const up = (rules: string): string => spec(`behavior: {scaleUp: ${rules}}`);
const down = (rules: string): string => spec(`behavior: {scaleDown: ${rules}}`);
const policy = (inner: string): string => up(`{policies: [${inner}]}`);
/** Metadata of a v1 object with what it keeps in an annotation. */
const annotated = (name: string, value: unknown): string =>
  `{name: web, annotations: {autoscaling.alpha.kubernetes.io/${name}: ${JSON.stringify(
    typeof value === 'string' ? value : JSON.stringify(value),
  )}}}`;

// --- replicas
add('a minimal HPA is valid', v2(spec('minReplicas: 2')));
add('a spec with nothing in it lacks all that is required', v2('{}'));
add('a missing spec is an empty one', v2(''));
add('maxReplicas is required', v2(`{${target}}`));
add('maxReplicas 0 counts as missing', v2(`{${target}, maxReplicas: 0}`));
add('maxReplicas is positive', v2(`{${target}, maxReplicas: -3}`));
add('minReplicas is positive', v2(spec('minReplicas: -1')));
add('minReplicas 0 needs a feature gate', v2(spec('minReplicas: 0')));
add('minReplicas is at most maxReplicas', v2(spec('minReplicas: 6')));
add('minReplicas may equal maxReplicas', v2(spec('minReplicas: 5')));
add('minReplicas null is 1', v2(spec('minReplicas: null')));
add('with the gate, minReplicas 0 needs an Object or External metric', v2(spec('minReplicas: 0')), {
  scaleToZero: true,
});
add(
  'with the gate, minReplicas 0 goes with an External metric',
  v2(spec(`minReplicas: 0, metrics: [${external(`{metric: {name: q}, target: ${average}}`)}]`)),
  { scaleToZero: true },
);
add('with the gate, minReplicas is still not negative', v2(spec('minReplicas: -1')), { scaleToZero: true });

// --- scaleTargetRef
add('a target has kind, name and group', v2('{scaleTargetRef: {}, maxReplicas: 5}'));
add(
  'a target of the core group is refused',
  v2('{scaleTargetRef: {apiVersion: v1, kind: Pod, name: web}, maxReplicas: 5}'),
);
add(
  'a ReplicationController is of the core group',
  v2('{scaleTargetRef: {apiVersion: v1, kind: ReplicationController, name: web}, maxReplicas: 5}'),
);
add(
  'a ReplicationController may go without apiVersion',
  v2('{scaleTargetRef: {kind: ReplicationController, name: web}, maxReplicas: 5}'),
);
add(
  'an apiVersion has one slash',
  v2('{scaleTargetRef: {apiVersion: apps/v1/x, kind: Deployment, name: web}, maxReplicas: 5}'),
);
add(
  'an apiVersion of a slash has no group',
  v2('{scaleTargetRef: {apiVersion: /, kind: Deployment, name: web}, maxReplicas: 5}'),
);
add(
  'kind and name are segments of a path',
  v2('{scaleTargetRef: {apiVersion: apps/v1, kind: De/ploy%ment, name: ..}, maxReplicas: 5}'),
);

// --- metrics
add('no metrics means CPU', v2(spec('metrics: []')));
add('a metric has a type', v2(metrics('{}')));
add('a metric has a known type', v2(metrics('{type: Foo}')));
add('a type is quoted as JSON', v2(metrics('{type: "<Foo>"}')));
add('a metric has the source of its type', v2(metrics('{type: Pods}')));
add('a Resource metric lacks its source', v2(metrics('{type: Resource}')));
add('a ContainerResource metric lacks its source', v2(metrics('{type: ContainerResource}')));
add('an Object metric lacks its source', v2(metrics('{type: Object}')));
add('an External metric lacks its source', v2(metrics('{type: External}')));
add('a metric has no other source', v2(metrics(`{type: Pods, resource: {name: cpu, target: ${cpu}}}`)));
add(
  'a metric has one source',
  v2(
    metrics(`{type: Resource, resource: {name: cpu, target: ${cpu}}, pods: {metric: {name: qps}, target: ${average}}}`),
  ),
);
add(
  'of several sources only the first is looked into',
  v2(metrics('{type: Resource, resource: {}, object: {}, pods: {}}')),
  { anyOrder: true },
);
add('a source without a type', v2(metrics(`{resource: {name: cpu, target: ${cpu}}}`)));
add('null stands for an empty metric', v2(metrics('null')));
add('each metric is numbered', v2(metrics(resource(`{name: cpu, target: ${cpu}}`), '{type: Pods}', '{type: Foo}')));

// --- Resource
add('a resource has a name', v2(metrics(resource(`{target: ${cpu}}`))));
add('any resource name will do', v2(metrics(resource(`{name: "no such thing", target: ${cpu}}`))));
add('a resource target has an amount', v2(metrics(resource('{name: cpu, target: {type: Utilization}}'))));
add(
  'a resource target has one amount',
  v2(metrics(resource('{name: cpu, target: {type: Utilization, averageUtilization: 60, averageValue: 100m}}'))),
);
add('a resource without a target', v2(metrics(resource('{name: cpu}'))));
add(
  'a resource target of a value has no amount that counts',
  v2(metrics(resource('{name: cpu, target: {type: Value, value: 1}}'))),
);
add(
  'a utilization is positive',
  v2(metrics(resource('{name: cpu, target: {type: Utilization, averageUtilization: 0}}'))),
);
add('a target has a type', v2(metrics(resource('{name: cpu, target: {averageUtilization: 60}}'))));
add('a target has a known type', v2(metrics(resource('{name: cpu, target: {type: Average, averageUtilization: 60}}'))));
add(
  'type and amount of a target need not agree',
  v2(metrics(resource('{name: cpu, target: {type: Value, averageUtilization: 60}}'))),
);

// --- ContainerResource
add('a container metric has names', v2(metrics(container(`{target: ${cpu}}`))));
add('a container metric is valid', v2(metrics(container(`{name: memory, container: app, target: ${average}}`))));
add(
  'a container has a resource that containers have',
  v2(metrics(container(`{name: pods, container: app, target: ${cpu}}`))),
);
add('a container has no made-up resource', v2(metrics(container(`{name: foo, container: app, target: ${cpu}}`))));
add(
  'a container may have an extended resource',
  v2(metrics(container(`{name: example.com/gpu, container: app, target: ${average}}`))),
);
add(
  'an extended resource is no request',
  v2(metrics(container(`{name: requests.example.com/gpu, container: app, target: ${average}}`))),
);
add(
  'a container may have huge pages',
  v2(metrics(container(`{name: hugepages-2Mi, container: app, target: ${average}}`))),
);
add(
  'requests of huge pages are for quotas',
  v2(metrics(container(`{name: requests.hugepages-2Mi, container: app, target: ${average}}`))),
);
add('a resource name is qualified', v2(metrics(container(`{name: "a b", container: app, target: ${cpu}}`))));
add('a resource name has one slash', v2(metrics(container(`{name: a/b/c, container: app, target: ${cpu}}`))));
add('a container has a DNS label', v2(metrics(container(`{name: cpu, container: App_1, target: ${cpu}}`))));
add('a container name has no dots', v2(metrics(container(`{name: cpu, container: app.v1, target: ${cpu}}`))));
add('a container name is short', v2(metrics(container(`{name: cpu, container: ${'a'.repeat(64)}, target: ${cpu}}`))));
add(
  'a container target has one amount',
  v2(
    metrics(
      container('{name: cpu, container: app, target: {type: Utilization, averageUtilization: 60, averageValue: 1}}'),
    ),
  ),
);
add(
  'a container target has an amount',
  v2(metrics(container('{name: cpu, container: app, target: {type: Utilization}}'))),
);

// --- Pods
add('a pods metric is valid', v2(metrics(podsWith(average))));
add('a pods metric has a name', v2(metrics(pods(`{metric: {}, target: ${average}}`))));
add('a metric name is a segment of a path', v2(metrics(pods(`{metric: {name: a/b%c}, target: ${average}}`))));
add('a pods target has an average', v2(metrics(podsWith('{type: AverageValue, value: 1}'))));
add(
  'a selector is not looked at',
  v2(
    metrics(
      pods(`{metric: {name: qps, selector: {matchExpressions: [{key: "a b", operator: Is}]}}, target: ${average}}`),
    ),
  ),
);

// --- Object
add(
  'an object metric is valid',
  v2(metrics(object(`{${service}, metric: {name: qps}, target: {type: Value, value: 1}}`))),
);
add('an object metric has everything', v2(metrics(object('{}'))));
add(
  'an object has a version that can be read',
  v2(
    metrics(
      object(
        '{describedObject: {apiVersion: a/b/c, kind: Service, name: web}, metric: {name: qps}, target: {type: Value, value: 1}}',
      ),
    ),
  ),
);
add('an object target has an amount', v2(metrics(object(`{${service}, metric: {name: qps}, target: {type: Value}}`))));
add(
  'an object target may have two amounts',
  v2(metrics(object(`{${service}, metric: {name: qps}, target: {type: Value, value: 1, averageValue: 1}}`))),
);

// --- External
add('an external metric has everything', v2(metrics(external('{}'))));
add('an external target has an amount', v2(metrics(external('{metric: {name: q}, target: {type: Value}}'))));
add(
  'an external target has one amount',
  v2(metrics(external('{metric: {name: q}, target: {type: Value, value: 1, averageValue: 1}}'))),
);

// --- quantities
for (const text of [
  '0',
  '-1',
  '-1500m',
  '-1.5',
  '-1000',
  '-1Ki',
  '-1023',
  '-1536Mi',
  '-1e3',
  '-1E6',
  '-0.0000000001',
  '-1.1Ki',
  '-12345678901234567890',
]) {
  add(`the quantity ${text} is not positive`, v2(metrics(podsWith(`{type: AverageValue, averageValue: ${text}}`))));
}
for (const text of [
  'abc',
  '1x',
  '"1 Ki"',
  '""',
  '1.2.3',
  '1ki',
  'true',
  '[1]',
  '{a: 1}',
  '1e',
  '" 5 "',
  '+5',
  '.5',
  '5.',
  '0x10',
  '1_000',
]) {
  add(`${text} as a quantity`, v2(metrics(podsWith(`{type: AverageValue, averageValue: ${text}}`))));
}
add(
  'a bad quantity hides a wrong type before it',
  v2(`{${target}, maxReplicas: many, metrics: [${podsWith('{type: AverageValue, averageValue: abc}')}]}`),
);

// --- behavior
add('an empty behavior is filled in', v2(spec('behavior: {scaleUp: {}, scaleDown: null}')));
add('a window is not negative', v2(up('{stabilizationWindowSeconds: -1}')));
add('a window is at most an hour', v2(down('{stabilizationWindowSeconds: 3601}')));
add('selectPolicy is known', v2(up('{selectPolicy: Most}')));
add('selectPolicy is not empty', v2(up('{selectPolicy: ""}')));
add('policies are not empty', v2(down('{policies: []}')));
add('policies null are filled in', v2(down('{policies: null}')));
add('a policy has everything', v2(policy('{}')));
add('a policy has a known type', v2(policy('{type: Replicas, value: 1, periodSeconds: 1}')));
add('a policy has a positive value', v2(policy('{type: Pods, value: 0, periodSeconds: 1}')));
add('a period is at most half an hour', v2(policy('{type: Pods, value: 1, periodSeconds: 1801}')));
add('a tolerance is not negative', v2(up('{tolerance: -0.1}')));
add('a tolerance may be 0', v2(up('{tolerance: 0}')));
add(
  'everything wrong in both directions',
  v2(
    spec(
      'behavior: {scaleDown: {stabilizationWindowSeconds: -5, selectPolicy: X, policies: [], tolerance: -1}, scaleUp: {stabilizationWindowSeconds: 9999, policies: [{type: Percent, value: -1, periodSeconds: 0}, {}]}}',
    ),
  ),
);

// --- wrong types
add('an integer is no text', v2(`{${target}, maxReplicas: five}`));
add('an integer is no quoted number', v2(`{${target}, maxReplicas: "5"}`));
add('an integer is no fraction', v2(`{${target}, maxReplicas: 5.5}`));
add('an integer may be written with a point', v2(`{${target}, maxReplicas: 5.0}`));
add('an integer may be written with an exponent', v2(`{${target}, maxReplicas: 1e1}`));
add('an integer fits 32 bits', v2(`{${target}, maxReplicas: 3000000000}`));
add('yes is true, and no number', v2(`{${target}, maxReplicas: yes}`));
add('010 is 8', v2(spec('minReplicas: 010')));
add('0x3 is 3', v2(spec('minReplicas: 0x3')));
add('a text is no number', v2('{scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: 5}, maxReplicas: 5}'));
add('a text is no switch', v2('{scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: on}, maxReplicas: 5}'));
add(
  'a date is a text',
  v2('{scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: 2026-11-21}, maxReplicas: 5}'),
);
add('a list is no text', v2(spec('metrics: cpu')));
add('a list is no object', v2(spec('metrics: {type: Resource}')));
add('a list holds no text', v2(metrics('cpu')));
add('an object is no list', v2('[]'));
add('an object is no text', v2(`{scaleTargetRef: web, maxReplicas: 5}`));
add('a type with a name of its own', v2(metrics('{type: 5}')));
add('a resource name of its own type', v2(metrics(resource(`{name: [cpu], target: ${cpu}}`))));
add('a policy of its own type', v2(policy('{type: true, value: 1, periodSeconds: 1}')));
add(
  'matchLabels hold texts',
  v2(metrics(pods(`{metric: {name: qps, selector: {matchLabels: {a: 1}}}, target: ${average}}`))),
);
add('of several wrong types the first by name is told', v2('{scaleTargetRef: 1, maxReplicas: a, minReplicas: b}'));
add('a status is decoded too', `${v2(spec('minReplicas: 1'))}status: {currentReplicas: many}\n`);
add(
  'a status of the right types is ignored',
  `${v2(spec('minReplicas: 1'))}status: {currentReplicas: -1, desiredReplicas: 3}\n`,
);

// --- strictness
add('a field is known', v2(spec('targetCPUUtilizationPercentage: 80')));
add('unknown fields are sorted', v2(spec('zebra: 1, Max: 2, apple: {x: 1}')));
add('a field is written as it is', v2(`{${target}, maxreplicas: 5}`));
add(
  'unknown fields have their index',
  v2(metrics(resource(`{name: cpu, targt: 1, target: {type: Utilization, averageUtilization: 60, x: 1}}`))),
);
add('unknown fields are found everywhere', `${v2(spec('a: 1'), '{name: web, b: 1}')}status: {c: 1}\nd: 1\n`);
add('an unknown field hides what is invalid', v2('{maxReplicas: 0, foo: 1}'));
add('a wrong type hides an unknown field', v2('{maxReplicas: x, foo: 1}'));
add('a key stands once', v2(`{${target}, maxReplicas: 5, maxReplicas: 6}`));
add(
  'repeated keys are told with their lines',
  `apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: web\n  labels:\n    a: b\n    a: c\nspec:\n  ${target}\n  maxReplicas: 5\n  foo: 1\n  maxReplicas:\n    6\n`,
);
add(
  'anchors and merges are YAML too',
  `apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec:\n  scaleTargetRef: &t {apiVersion: apps/v1, kind: Deployment, name: web}\n  maxReplicas: 5\n  metrics:\n  - type: Object\n    object: {describedObject: {<<: *t, kind: Service, foo: 1}, metric: {name: m}, target: {type: Value, value: 1}}\n`,
);

// --- JSON
const json = (text: string): string => text.replaceAll("'", '"');
const jsonTarget = "'scaleTargetRef': {'kind': 'Deployment', 'name': 'web', 'apiVersion': 'apps/v1'}";
const jsonHpa = (inner: string): string =>
  json(
    `{'apiVersion': 'autoscaling/v2', 'kind': 'HorizontalPodAutoscaler', 'metadata': {'name': 'web'}, 'spec': {${inner}}}`,
  );
add('JSON is valid', jsonHpa(`${jsonTarget}, 'maxReplicas': 5`));
add('JSON keeps the order of unknown fields', jsonHpa(`${jsonTarget}, 'zebra': 1, 'maxReplicas': 5, 'apple': 2`));
add('JSON tells repeated fields', jsonHpa(`${jsonTarget}, 'maxReplicas': 5, 'x': 1, 'maxReplicas': 6`));
add('JSON reads numbers as written', jsonHpa(`${jsonTarget}, 'maxReplicas': 5.0`));
add('JSON tells the first wrong type', jsonHpa(`'scaleTargetRef': 1, 'maxReplicas': 'a'`));

// --- metadata
add('an object has a name', v2(spec('minReplicas: 1'), '{}'));
add('a name may be generated', v2(spec('minReplicas: 1'), '{generateName: web-}'));
add('a name is a DNS subdomain', v2(spec('minReplicas: 1'), '{name: Web_App}'));
add('a name is short', v2(spec('minReplicas: 1'), `{name: ${'a'.repeat(254)}}`));
add('a label has a key and a value', v2(spec('minReplicas: 1'), '{name: web, labels: {"a b": "c d"}}'));
add('a label is short', v2(spec('minReplicas: 1'), `{name: web, labels: {${'a'.repeat(64)}: ${'b'.repeat(64)}}}`));
add('a label key has a prefix that is a domain', v2(spec('minReplicas: 1'), '{name: web, labels: {"A_b/c": x}}'));
add('a label key has a short prefix', v2(spec('minReplicas: 1'), `{name: web, labels: {"${'a'.repeat(254)}/c": x}}`));
add('a label key has one slash', v2(spec('minReplicas: 1'), '{name: web, labels: {a/b/c: x}}'));
add('a label is a text', v2(spec('minReplicas: 1'), '{name: web, labels: {version: 1.0}}'));
add('an annotation is a text', v2(spec('minReplicas: 1'), '{name: web, annotations: {a: true}}'));
add('an annotation has a key', v2(spec('minReplicas: 1'), '{name: web, annotations: {"A b": c}}'));
add(
  'an annotation key may be in capitals',
  v2(spec('minReplicas: 1'), '{name: web, annotations: {Example.COM/Key: c}}'),
);
add('annotations are small', v2(spec('minReplicas: 1'), `{name: web, annotations: {a: "${'x'.repeat(256 * 1024)}"}}`));
add('a generation is not negative', v2(spec('minReplicas: 1'), '{name: web, generation: -1}'));
add(
  'a finalizer is a qualified name',
  v2(spec('minReplicas: 1'), '{name: web, finalizers: [a b, foo, example.com/x]}'),
);
add(
  'two standard finalizers exclude each other',
  v2(spec('minReplicas: 1'), '{name: web, finalizers: [orphan, foregroundDeletion]}'),
);
add('an owner has everything', v2(spec('minReplicas: 1'), '{name: web, ownerReferences: [{}]}'));
add(
  'an owner is no Event',
  v2(spec('minReplicas: 1'), '{name: web, ownerReferences: [{apiVersion: v1, kind: Event, name: a, uid: u}]}'),
);
add(
  'one owner is the controller',
  v2(
    spec('minReplicas: 1'),
    '{name: web, ownerReferences: [{apiVersion: v1, kind: A, name: a, uid: u, controller: true}, {apiVersion: v1, kind: B, name: b, uid: v, controller: true}]}',
  ),
);
add('an owner counts once', v2(spec('minReplicas: 1'), '{name: web, ownerReferences: [{kind: "<A>"}, {kind: "<A>"}]}'));
add('a time is a time', v2(spec('minReplicas: 1'), '{name: web, creationTimestamp: yesterday}'));
add('a day is no time', v2(spec('minReplicas: 1'), '{name: web, creationTimestamp: 2026-11-21}'));
add('a time has a month', v2(spec('minReplicas: 1'), '{name: web, creationTimestamp: "2026-13-01T00:00:00Z"}'));
add('a time has a day', v2(spec('minReplicas: 1'), '{name: web, creationTimestamp: "2026-02-30T00:00:00Z"}'));
add('a time ends', v2(spec('minReplicas: 1'), '{name: web, creationTimestamp: "2026-02-20T00:00:00Zx"}'));
add('a time has an hour', v2(spec('minReplicas: 1'), '{name: web, creationTimestamp: "2026-02-20T0:00:00Z"}'));
add('an offset has an hour', v2(spec('minReplicas: 1'), '{name: web, creationTimestamp: "2026-02-20T00:00:00+25:00"}'));
add('a time is quoted byte by byte', v2(spec('minReplicas: 1'), '{name: web, creationTimestamp: "ä"}'));
add('a time is a text', v2(spec('minReplicas: 1'), '{name: web, creationTimestamp: 5}'));
add(
  'what the server writes may be there',
  v2(
    spec('minReplicas: 1'),
    '{name: web, uid: a, resourceVersion: "5", creationTimestamp: null, generation: 3, managedFields: [{manager: me, operation: Update, fieldsV1: {f: {}}}]}',
  ),
);
add('metadata is an object', v2(spec('minReplicas: 1'), 'web'));
add('a namespace is there', v2(spec('minReplicas: 1'), '{name: web, namespace: Not_There}'));

// --- v1
add('v1 is valid', v1(spec('targetCPUUtilizationPercentage: 60')));
add('v1 without a target for CPU has one', v1(spec('minReplicas: 1')));
add('v1 names its types', v1(`{${target}, maxReplicas: five}`));
add('v1 knows no metrics', v1(spec('metrics: []')));
add('v1 is validated as v2', v1(spec('targetCPUUtilizationPercentage: 0')));
add('v1 lacks all that is required', v1('{}'));
add('v1 has a target reference of its own type', v1('{scaleTargetRef: web, maxReplicas: 5}'));
add(
  'v1 keeps metrics in an annotation',
  v1(
    spec('targetCPUUtilizationPercentage: 60'),
    annotated('metrics', [{ type: 'Pods', pods: { metricName: 'qps', targetAverageValue: '1' } }]),
  ),
);
add(
  'v1 metrics of the annotation come first',
  v1(
    spec('targetCPUUtilizationPercentage: -1'),
    annotated('metrics', [{ type: 'Pods', pods: { metricName: '', targetAverageValue: '0' } }]),
  ),
);
add(
  'v1 metrics of every type are converted',
  v1(
    spec('minReplicas: 1'),
    annotated('metrics', [
      { type: 'Object', object: { target: { kind: 'Service' }, metricName: 'a/b', targetValue: '-5' } },
      {
        type: 'Object',
        object: { target: { kind: 'Service', name: 's' }, metricName: 'm', targetValue: '0', averageValue: '-5' },
      },
      { type: 'External', external: { metricName: 'q' } },
      { type: 'External', external: { metricName: 'q', targetValue: '1', targetAverageValue: '1' } },
      { type: 'Resource', resource: { targetAverageUtilization: -1 } },
      { type: 'ContainerResource', containerResource: { name: 'foo', container: 'A' } },
      { type: 'Pods', pods: { metricName: 'q' } },
      { type: 'Foo' },
    ]),
  ),
);
add('v1 passes over an annotation that is no JSON', v1(spec('minReplicas: 1'), annotated('metrics', 'cpu')));
add(
  'v1 passes over an annotation of a wrong type',
  v1(spec('minReplicas: 1'), annotated('metrics', [{ type: 5 }, { type: 'Foo' }])),
);
add(
  'v1 passes over unknown fields of an annotation',
  v1(spec('minReplicas: 1'), annotated('metrics', [{ TYPE: 'Foo', x: 1 }])),
);
add(
  'v1 keeps behavior in an annotation',
  v1(
    spec('minReplicas: 1'),
    annotated('behavior', { ScaleUp: { StabilizationWindowSeconds: -1, Policies: [{ Type: 'X' }] } }),
  ),
);
add(
  'v1 fills nothing into a behavior',
  v1(spec('minReplicas: 1'), annotated('behavior', { scaleDown: { selectPolicy: 'Disabled' } })),
);
add('v1 passes over an empty behavior', v1(spec('minReplicas: 1'), annotated('behavior', '{}')));
add('v2 passes over the annotations of v1', v2(spec('minReplicas: 1'), annotated('behavior', { scaleDown: {} })));
add(
  'v1 with the gate may go to zero',
  v1(
    spec('minReplicas: 0'),
    annotated('metrics', [{ type: 'External', external: { metricName: 'q', targetValue: '1' } }]),
  ),
  { scaleToZero: true },
);

// --- HeadroomAutoscaler
const any = { anyOrder: true } as const;
add('a HeadroomAutoscaler is valid', headroom(metrics(resource(`{name: cpu, target: ${cpu}}`))));
add('a HeadroomAutoscaler with nothing in its spec', headroom('{}'), any);
add('a HeadroomAutoscaler without a spec', headroom(''), any);
add('a HeadroomAutoscaler with a spec of the wrong type', headroom('web'), any);
add('HRA: numbers have bounds', headroom(`{${target}, maxReplicas: 0, minReplicas: -1}`), any);
add('HRA: numbers fit 32 bits', headroom(`{${target}, maxReplicas: 3000000000}`), any);
add(
  'HRA: types',
  headroom(
    '{scaleTargetRef: {apiVersion: 1, kind: true, name: [x]}, maxReplicas: five, minReplicas: 1.5, metrics: {}, behavior: 5}',
  ),
  any,
);
add('HRA: more types', headroom(spec('minReplicas: yes, metrics: [null, cpu], behavior: {scaleUp: []}')), any);
add('HRA: minReplicas 0 needs an Object or External metric', headroom(spec('minReplicas: 0')), any);
add(
  'HRA: minReplicas 0 goes with an External metric',
  headroom(spec(`minReplicas: 0, metrics: [${external(`{metric: {name: q}, target: ${average}}`)}]`)),
);
add('HRA: metadata has unknown fields in order', headroom(spec('minReplicas: 1'), '{name: web, zebra: 1, apple: 1}'));
add('HRA: minReplicas is at most maxReplicas', headroom(spec('minReplicas: 6')));
add('HRA: a target has a group', headroom('{scaleTargetRef: {kind: Deployment, name: web}, maxReplicas: 5}'));
add(
  'HRA: names are segments of a path',
  headroom('{scaleTargetRef: {apiVersion: a/b/c, kind: De/ploy, name: ..}, maxReplicas: 5}'),
  any,
);
add('HRA: types of metrics', headroom(metrics('{type: Foo}')), any);
add('HRA: the source of the type', headroom(metrics(`{type: Pods, resource: {name: cpu, target: ${cpu}}}`)), any);
add(
  'HRA: one amount of a resource',
  headroom(metrics(resource('{name: cpu, target: {type: Utilization, averageUtilization: 6, averageValue: 1}}'))),
  any,
);
add('HRA: an amount of a resource', headroom(metrics(resource('{name: cpu, target: {type: Utilization}}'))), any);
add(
  'HRA: an amount of an object',
  headroom(metrics(object(`{${service}, metric: {name: m}, target: {type: Value}}`))),
  any,
);
add('HRA: an average of pods', headroom(metrics(podsWith('{type: Value, value: 1}'))), any);
add('HRA: an external metric has everything', headroom(metrics(external('{}'))), any);
add(
  'HRA: containers have names',
  headroom(metrics(container(`{name: foo, container: ${'A'.repeat(64)}, target: ${cpu}}`))),
  any,
);
add(
  'HRA: quantities',
  headroom(
    metrics(
      podsWith('{type: AverageValue, averageValue: 0}'),
      podsWith('{type: AverageValue, averageValue: -1.5}'),
      podsWith('{type: AverageValue, averageValue: "0"}'),
      podsWith('{type: AverageValue, averageValue: 1x}'),
    ),
  ),
  any,
);
add(
  'HRA: no quantities',
  headroom(
    metrics(
      podsWith('{type: AverageValue, averageValue: true}'),
      podsWith('{type: AverageValue, averageValue: [1, 2]}'),
      podsWith('{type: AverageValue, averageValue: {a: 1}}'),
      podsWith('{type: AverageValue, averageValue: []}'),
    ),
  ),
  any,
);
add(
  'HRA: behavior',
  headroom(
    spec(
      'behavior: {scaleUp: {tolerance: -0.1, policies: [], selectPolicy: X, stabilizationWindowSeconds: 4000}, scaleDown: {policies: [{type: X, value: 0, periodSeconds: 1801}, {}]}}',
    ),
  ),
  any,
);
add('HRA: nulls are filled in', headroom(spec('minReplicas: null, metrics: null, behavior: {scaleUp: null}')));
add(
  'HRA: unknown fields',
  `${headroom(spec('zebra: 1, metrics: [{type: Foo, x: 1}], apple: 1'), '{name: web, foo: 1}')}status: {x: 1}\nd: 1\n`,
);
add('HRA: repeated keys', headroom(`{${target}, maxReplicas: 5, maxReplicas: 6, foo: 1}`));
add(
  'HRA: repeated fields of JSON',
  jsonHpa(`${jsonTarget}, 'maxReplicas': 5, 'foo': 1, 'maxReplicas': 6`)
    .replace('autoscaling/v2', 'autoscaling.headroom.dev/v1alpha1')
    .replace('HorizontalPodAutoscaler', 'HeadroomAutoscaler'),
);
const jsonHeadroom = (maxReplicas: string): string =>
  jsonHpa(`${jsonTarget}, 'maxReplicas': ${maxReplicas}`)
    .replace('autoscaling/v2', 'autoscaling.headroom.dev/v1alpha1')
    .replace('HorizontalPodAutoscaler', 'HeadroomAutoscaler');
add('HRA: CEL takes no float of JSON for an integer', jsonHeadroom('5.0'));
add('HRA: a float is printed as Go prints it', jsonHeadroom('-1000000.0'), any);
add('HRA: an integer beyond 64 bits is a float', jsonHeadroom('1e19'), any);
add('HRA: a number beyond a float is none', jsonHeadroom('1e400'));
add('HRA: metadata of the wrong type', headroom(spec('minReplicas: 1'), '{name: 5}'));
add('HRA: metadata is an object', headroom(spec('minReplicas: 1'), 'web'));
add('HRA: a name', headroom(spec('minReplicas: 1'), '{}'), any);
add(
  'HRA: a name is a DNS subdomain',
  headroom(spec('minReplicas: 6'), '{name: Web_App, generation: -1, finalizers: [foo], labels: {a: "b c"}}'),
  any,
);
add('HRA: a time is a time', headroom(spec('minReplicas: 1'), '{name: web, creationTimestamp: yesterday}'));

export const manifestCases: readonly ManifestCase[] = cases;
