// Pure: what to do about each sentence of the API server.
import { adviceForType } from './advice-type.ts';
import type { Problem, Step } from './types.ts';

/** The first that matches counts; `$1` and so on stand for its groups. */
const byMessage: readonly (readonly [pattern: RegExp, advice: string])[] = [
  // Names and versions.
  [
    /^no matches for kind "HorizontalPodAutoscaler" in version "autoscaling\/v2beta/,
    'write apiVersion: autoscaling/v2; v2beta1 and v2beta2 are gone since Kubernetes 1.25 and 1.26',
  ],
  [
    /^no matches for kind .*headroom/i,
    'write apiVersion: autoscaling.headroom.dev/v1alpha1 and kind: HeadroomAutoscaler',
  ],
  [/^no matches for kind/, 'write apiVersion: autoscaling/v2 and kind: HorizontalPodAutoscaler'],
  [
    /^namespaces .* not found$/,
    'no namespace can have this name: it takes lower case letters, digits and dashes, at most 63',
  ],

  // Decoding.
  [/already set in map$/, 'keep one of them'],
  [/^duplicate field/, 'keep one of them'],
  [/^quantities must match/, 'write a number with or without a suffix, such as 2, 500m or 1.5Gi'],
  [
    /^unable to parse (numeric part of quantity|quantity's suffix)/,
    'write a number with or without a suffix, such as 2, 500m or 1.5Gi',
  ],
  [
    /^parsing time|Timestamp of type string$/,
    'leave it out: the API server sets it; otherwise write 2006-01-02T15:04:05Z',
  ],

  // Replicas.
  [/must be set and greater than 0|maxReplicas.*greater than or equal to 1$/, 'set maxReplicas to 1 or more'],
  [/or equal to `minReplicas`|^Invalid value: maxReplicas must be/, 'raise maxReplicas, or lower minReplicas'],
  [
    /to support scaling to zero replicas/,
    'add an Object or External metric, or set minReplicas to 1: at zero replicas there are no pods to measure',
  ],

  // Targets and sources.
  [/apiVersion must specify API group/, 'write group and version, such as apps/v1'],
  [
    /^Invalid value: .*unexpected GroupVersion|should match '\^\[\^\/\]\*\(\/\[\^\/\]\*\)\?\$'/,
    'write one group and one version, such as apps/v1',
  ],
  [/must populate information for the given metric source/, 'add it, or change the type of the metric'],
  [/must populate the given metric source only/, 'make a metric of its own of it, or remove it'],
  [
    /^Invalid value: (\w+) must be set if type is (\w+), and only then/,
    'set type and the field of its source together: $2 and $1',
  ],
  [/must specify a metric source type/, 'add type: Resource, ContainerResource, Pods, Object or External'],
  [
    /must specify a metric target type|must be either Utilization, Value, or AverageValue/,
    'write type: Utilization, AverageValue or Value',
  ],
  [
    /target raw value or a target utilization|\(oneOf\)\. Found none valid/,
    'set exactly one of the amounts that go with this metric',
  ],
  [/may not set both|\(oneOf\)\. Found \d valid/, 'keep one of the two amounts'],
  [
    /must set either a target value|must specify a positive target averageValue|\(anyOf\)$/,
    'add value or averageValue as this type of metric takes it',
  ],
  [/must be positive$|should be greater than 0$/, 'write an amount above 0'],
  [/must be greater than 0$|must be greater than zero$/, 'write 1 or more'],
  [
    /must be a standard resource|doesn't follow extended resource name/,
    'write cpu or memory: usage of other resources is not measured',
  ],
  [/must specify a resource name/, 'add name: cpu or name: memory'],
  [/must specify a container/, 'add the name of the container'],
  [/must specify a metric name/, 'add metric.name'],
  [
    /must specify at least one Policy|policies in body should have at least 1 items/,
    'add a policy, or leave policies out to get the usual ones',
  ],

  // Names.
  [/^Invalid value: .*(may not contain|may not be) '/, 'write a name that can be part of a URL path'],
  [/must not contain dots$/, 'write the name of a container of the pod template; it has no dots'],
  [
    /RFC 1123|in body should match '\^\[a-z0-9\]/,
    'use lower case letters, digits, dashes (and dots in names of objects), beginning and ending with a letter or digit',
  ],
  [/must be no more than (\d+) (bytes|characters)$|Too long: may not be more than (\d+) bytes$/, 'make it shorter'],
  [
    /valid label key|name part|prefix part/,
    'write a key as name or domain/name: letters, digits, dashes, dots and underscores',
  ],
  [
    /a valid label must be/,
    'use letters, digits, dashes, dots and underscores, beginning and ending with a letter or digit',
  ],
  [/name or generateName is required/, 'add metadata.name'],
  [/neither a standard finalizer name/, 'write domain/name, or remove the finalizer'],
  [/cannot be both set/, 'keep one of the two finalizers'],
  [/must not be empty$/, 'add it, or remove the owner reference'],
  [/disallowed from being an owner|Only one reference can have Controller/, 'change or remove the owner reference'],

  // Schema of a HeadroomAutoscaler, and what is left.
  [
    /some validation rules were not checked/,
    'mend the other errors; then the rules that compare fields are checked too',
  ],
  [/must not validate the schema \(not\)$/, 'write another value: this one is not allowed'],
  [/expected int, got float64/, 'write the whole numbers in it without a point and without an exponent'],
  [/Checked value must be of type integer/, 'write a whole number that fits 32 bits'],
  [/must be (greater|less) than or equal to zero$/, 'write 0 or more'],
  [/must be greater than or equal to (\d+)$|should be greater than or equal to ([\d.e+]+)$/, 'write $1$2 or more'],
  [/must be less than or equal to (\d+)$|should be less than or equal to ([\d.e+]+)$/, 'write $1$2 or less'],
  [/in body should be at least 1 chars long$/, 'write something'],
  [/in body should match/, 'write it in the form that the expression describes'],
  [/^Too many|should have at least/, 'write a single quantity, such as 500m'],
  [/supported values: (.*)$/, 'write one of $1'],
  [/^Required value/, 'add it'],
];

/** Fields of other versions, and what they are called in v2. */
const formerNames: ReadonlyMap<string, string> = new Map([
  [
    'targetCPUUtilizationPercentage',
    'that is autoscaling/v1; in v2 write metrics with a Resource metric for cpu and target.averageUtilization',
  ],
  [
    'targetAverageUtilization',
    'that is autoscaling/v2beta1; in v2 write target: {type: Utilization, averageUtilization: …}',
  ],
  ['targetAverageValue', 'that is autoscaling/v2beta1; in v2 write target: {type: AverageValue, averageValue: …}'],
  ['targetValue', 'that is autoscaling/v2beta1; in v2 write target: {type: Value, value: …}'],
  ['metricName', 'that is autoscaling/v2beta1; in v2 write metric: {name: …}'],
  ['metrics', 'autoscaling/v1 has no metrics; write apiVersion: autoscaling/v2'],
  ['behavior', 'autoscaling/v1 has no behavior; write apiVersion: autoscaling/v2'],
]);

export function adviceFor(step: Step, problem: Problem): string {
  const { field, message } = problem;
  if (step === 'strict' && message.startsWith('unknown field')) return adviceForUnknown(problem);
  if (field.endsWith('.minReplicas') && /or equal to [01]$/.test(message)) {
    return 'set minReplicas to 1 or more; 0 needs the feature gate HPAScaleToZero of the API server, which --feature-gates tells';
  }
  for (const [pattern, advice] of byMessage) {
    const groups = pattern.exec(message);
    if (groups !== null) return advice.replaceAll(/\$(\d)/g, (_, digit: string) => groups[Number(digit)] ?? '');
  }
  return adviceForType(message) ?? 'change it as the message says';
}

function adviceForUnknown(problem: Problem): string {
  const { field, knownNames = [] } = problem;
  const former = formerNames.get(lastName(field));
  if (former !== undefined) return former;
  const meant = meantField(problem);
  if (meant !== undefined) return `did you mean ${lastName(meant)}?`;
  return knownNames.length === 0 ? 'remove it' : `remove it; there are ${knownNames.join(', ')}`;
}

/** The path that an unknown field was probably meant to have; undefined when no known name is close. */
export function meantField({ field, knownNames = [] }: Problem): string | undefined {
  const name = lastName(field);
  const close = knownNames.find((known) => known.toLowerCase() === name.toLowerCase() || distance(known, name) <= 2);
  return close === undefined ? undefined : field.slice(0, -name.length) + close;
}

function lastName(field: string): string {
  return /[^.\]]+$/.exec(field)?.[0] ?? field;
}

/** How many letters must change, come or go. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] ?? 0) + Number(letter !== b[j]);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
