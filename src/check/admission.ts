// Pure: what the API server answers to the creation of an autoscaler: decoding, strictness, defaults, conversion, validation.
import { headroomAutoscalerSchema } from '../crd/schema/definition.ts';
import { goQuote } from '../lib/go-quote.ts';
import { validateRules } from './cel-rules.ts';
import { decode } from './decode.ts';
import { Field } from './field.ts';
import { convertFromV1, roundTripAnnotations } from './from-v1.ts';
import type { StructType } from './go-type.ts';
import { withHpaDefaults } from './hpa-defaults.ts';
import { hpaV1 } from './hpa-v1-type.ts';
import { hpaV2 } from './hpa-v2-type.ts';
import { dnsLabelProblems } from './name-rules.ts';
import { objectMeta } from './object-meta-type.ts';
import { repeatedFields } from './repeated-fields.ts';
import { completed, unknownFields } from './schema-tree.ts';
import { withFields } from './tree.ts';
import type { ManifestObject, ObjectNode, Problem, Refusal, Step, Verdict } from './types.ts';
import { validateMetadata } from './validate-metadata.ts';
import { validateSchema } from './validate-schema.ts';
import { validateSpec } from './validate-spec.ts';

export interface AdmissionSettings {
  /** The feature gate HPAScaleToZero of the API server. */
  readonly scaleToZero: boolean;
}

type Checker = (object: ManifestObject, settings: AdmissionSettings) => Verdict;

/** By apiVersion and kind; kinds of these groups that are not here are not served by anybody. */
const checkers: ReadonlyMap<string, Checker> = new Map([
  ['autoscaling/v2 HorizontalPodAutoscaler', nativeChecker(hpaV2, withHpaDefaults)],
  ['autoscaling/v1 HorizontalPodAutoscaler', nativeChecker(hpaV1, convertFromV1)],
  ['autoscaling.headroom.dev/v1alpha1 HeadroomAutoscaler', checkHeadroomAutoscaler],
]);
const kinds: ReadonlySet<string> = new Set(['horizontalpodautoscaler', 'headroomautoscaler']);
const groups: ReadonlySet<string> = new Set(['autoscaling', 'autoscaling.headroom.dev']);

/** undefined for kinds that are none of our business. */
export function admit(object: ManifestObject, settings: AdmissionSettings): Verdict | undefined {
  const checker = checkers.get(`${object.apiVersion} ${object.kind}`);
  if (checker !== undefined) return checker(object, settings);
  const [group = ''] = object.apiVersion.split('/');
  return groups.has(group) || kinds.has(object.kind.toLowerCase()) ? notServed(object) : undefined;
}

function notServed(object: ManifestObject): Verdict {
  const message = `no matches for kind ${goQuote(object.kind)} in version ${goQuote(object.apiVersion)}`;
  const root = Field.root(object.root);
  const isKindKnown = [...checkers.keys()].some((known) => known.endsWith(` ${object.kind}`));
  const { path, at } = root.child(isKindKnown ? 'apiVersion' : 'kind');
  return {
    object,
    admitted: undefined,
    refusals: [{ step: 'lookup', message, problems: [{ field: path, message, at }] }],
  };
}

/** The built-in kind: `toV2` fills in defaults and converts. */
function nativeChecker(type: StructType, toV2: (root: ObjectNode) => ObjectNode): Checker {
  return (object, { scaleToZero }) => {
    const { root, typeProblems, strictProblems } = decode(object.root, type, { foldCase: false });
    const repeated = repeatedKeyProblems(object);
    if (typeProblems.length > 0) {
      return { object, admitted: undefined, refusals: [decodeRefusal(object, typeProblems)] };
    }
    const converted = withoutRoundTrip(toV2(root));
    const fields = Field.root(converted);
    const found = [
      ...validateMetadata(fields.child('metadata'), true),
      ...validateSpec(fields.child('spec'), scaleToZero ? 0 : 1),
    ];
    const refusals = [
      strictRefusal(object, repeated, strictProblems),
      namespaceRefusal(object, fields),
      invalidRefusal(object, `${object.kind}.autoscaling`, found),
    ];
    return { object, refusals: refusals.filter((one) => one !== undefined), admitted: { object, root: converted } };
  };
}

function withoutRoundTrip(root: ObjectNode): ObjectNode {
  const metadata = Field.root(root).child('metadata').node;
  const annotations = Field.root(root).descend('metadata', 'annotations').node;
  if (metadata?.kind !== 'object' || annotations?.kind !== 'object') return root;
  const kept = annotations.entries.filter(({ key }) => !roundTripAnnotations.includes(key));
  return withFields(root, { metadata: withFields(metadata, { annotations: { ...annotations, entries: kept } }) });
}

function checkHeadroomAutoscaler(object: ManifestObject): Verdict {
  const metadata = Field.root(object.root).child('metadata');
  const { root, typeProblems, strictProblems } = decode(metadata.node ?? object.root, objectMeta, { foldCase: false });
  const isWritten = metadata.isPresent && metadata.node?.kind !== 'null';
  const placed = (problem: Problem): Problem => ({ ...problem, field: `metadata.${problem.field}`.replace(/\.$/, '') });
  if (isWritten && typeProblems.length > 0) {
    return { object, admitted: undefined, refusals: [decodeRefusal(object, typeProblems.map(placed))] };
  }
  const unknownMetadata = isWritten
    ? strictProblems.map((problem) => ({
        ...placed(problem),
        message: `unknown field ${goQuote(`metadata.${problem.field}`)}`,
      }))
    : [];
  const body = withFields(object.root, { metadata: undefined, status: undefined });
  const unknown = unknownFields(withFields(object.root, { metadata: undefined }), headroomAutoscalerSchema);
  const done = completed(body, headroomAutoscalerSchema);
  const whole = withFields(done.kind === 'object' ? done : body, { metadata: isWritten ? root : undefined });
  const strict = strictRefusal(object, repeatedKeyProblems(object), [
    ...repeatedFields(object.root),
    ...unknownMetadata,
    ...unknown,
  ]);
  const fields = Field.root(whole);
  const refusals = [
    strict,
    namespaceRefusal(object, fields),
    invalidRefusal(object, `${object.kind}.autoscaling.headroom.dev`, customResourceProblems(fields)),
  ];
  return { object, refusals: refusals.filter((one) => one !== undefined), admitted: { object, root: whole } };
}

function customResourceProblems(fields: Field): Problem[] {
  const metadata = validateMetadata(fields.child('metadata'), false);
  const schema = validateSchema(fields, headroomAutoscalerSchema);
  const isBlocked = schema.some(({ isBlocking }) => isBlocking) || metadata.some(isBlockingProblem);
  const found = [...metadata, ...schema];
  return isBlocked
    ? [...found, rulesNotChecked(fields)]
    : [...found, ...validateRules(fields, headroomAutoscalerSchema)];
}

function isBlockingProblem({ message }: Problem): boolean {
  return /^(Required value|Too long)/.test(message);
}

function rulesNotChecked({ at }: Field): Problem {
  const detail = 'some validation rules were not checked because the object was invalid';
  const message = `Invalid value: null: ${detail}; correct the existing errors to complete validation`;
  return { field: '<nil>', message, at };
}

/** YAML tells of all repeated keys in one sentence with its own line numbers. */
function repeatedKeyProblems({ repeatedKeys }: ManifestObject): Problem[] {
  return repeatedKeys.map(({ field, key, lineOfDocument, at }) => {
    return { field, message: `line ${lineOfDocument}: key ${key} already set in map`, at };
  });
}

function decodeRefusal(object: ManifestObject, problems: readonly Problem[]): Refusal {
  return refusal('decode', problems, cannotBeHandled(object, problems[0]?.message ?? ''));
}

function strictRefusal(
  object: ManifestObject,
  repeated: readonly Problem[],
  strict: readonly Problem[],
): Refusal | undefined {
  if (repeated.length + strict.length === 0) return undefined;
  const lines = repeated.map(({ message }) => `\n  ${message}`).join('');
  const sentences = [
    ...(repeated.length > 0 ? [`yaml: unmarshal errors:${lines}`] : []),
    ...strict.map(({ message }) => message),
  ];
  return refusal(
    'strict',
    [...repeated, ...strict],
    cannotBeHandled(object, `strict decoding error: ${sentences.join(', ')}`),
  );
}

function cannotBeHandled({ kind, apiVersion }: ManifestObject, why: string): string {
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
  return `${kind} in version ${goQuote(version)} cannot be handled as a ${kind}: ${why}`;
}

/** No namespace can have such a name, so the API server does not find it. */
function namespaceRefusal({ namespace }: ManifestObject, fields: Field): Refusal | undefined {
  const { path, at } = fields.descend('metadata', 'namespace');
  if (namespace === '' || dnsLabelProblems(namespace).length === 0) return undefined;
  const message = `namespaces ${goQuote(namespace)} not found`;
  return refusal('lookup', [{ field: path, message, at }], message);
}

function invalidRefusal({ name }: ManifestObject, kind: string, problems: readonly Problem[]): Refusal | undefined {
  if (problems.length === 0) return undefined;
  const sentences = [...new Set(problems.map(({ field, message }) => `${field}: ${message}`))];
  const all = sentences.length === 1 ? (sentences[0] ?? '') : `[${sentences.join(', ')}]`;
  return refusal('validate', problems, `${kind} ${goQuote(name)} is invalid: ${all}`);
}

function refusal(step: Step, problems: readonly Problem[], message: string): Refusal {
  return { step, problems, message };
}
