// Pure: what becomes of a HeadroomAutoscaler: pruned, defaulted and validated by the schema of its CustomResourceDefinition.

import { autoscalerResources } from '../crd/resources.ts';
import { headroomAutoscalerSchema } from '../crd/schema/definition.ts';
import { goQuote } from '../lib/go-quote.ts';
import { validateRules } from './cel-rules.ts';
import { decode } from './decode.ts';
import { Field } from './field.ts';
import { objectMeta } from './object-meta-type.ts';
import { decodeRefusal, invalidRefusal, namespaceRefusal, strictRefusal, verdict } from './refusals.ts';
import { repeatedFields } from './repeated-fields.ts';
import { completed, unknownFields } from './schema-tree.ts';
import { withFields } from './tree.ts';
import type { ManifestObject, Node, ObjectNode, Problem, Verdict } from './types.ts';
import { validateMetadata } from './validate-metadata.ts';
import { validateSchema } from './validate-schema.ts';

export function admitHeadroomAutoscaler(object: ManifestObject): Verdict {
  const metadata = readMetadata(object.root);
  const body = withFields(object.root, { metadata: undefined });
  const decoded = decodeRefusal(object, [...hugeNumbers(object.root, ''), ...metadata.typeProblems]);
  const strict = strictRefusal(object, [
    ...repeatedFields(object.root),
    ...metadata.unknown,
    ...unknownFields(body, headroomAutoscalerSchema),
  ]);
  if (decoded !== undefined) return verdict(object, [decoded, strict]);
  // The status of a new object is dropped unread.
  const spec = completed(withFields(body, { status: undefined }), headroomAutoscalerSchema);
  const root = withFields(spec, { metadata: metadata.node });
  const fields = Field.root(root);
  const invalid = invalidRefusal(object, autoscalerResources.HeadroomAutoscaler.group, problemsOf(fields));
  return verdict(object, [strict, namespaceRefusal(object, fields), invalid], root);
}

interface Metadata {
  /** undefined when there is none. */
  readonly node: ObjectNode | undefined;
  readonly typeProblems: readonly Problem[];
  readonly unknown: readonly Problem[];
}

/** Metadata is decoded on its own, so messages do not begin at the root. */
function readMetadata(object: Node): Metadata {
  const { node } = Field.root(object).child('metadata');
  if (node === undefined || node.kind === 'null') return { node: undefined, typeProblems: [], unknown: [] };
  const { root, typeProblems, strictProblems } = decode(node, objectMeta, { foldCase: false });
  const placed = (problem: Problem): Problem => {
    return { ...problem, field: problem.field === '' ? 'metadata' : `metadata.${problem.field}` };
  };
  return {
    node: root,
    typeProblems: typeProblems.map(placed),
    unknown: strictProblems
      .filter(({ message }) => message.startsWith('unknown'))
      .map(placed)
      .map((problem) => ({ ...problem, message: `unknown field ${goQuote(problem.field)}` }))
      // By way of a map, which Go writes in order.
      .toSorted((a, b) => (a.field < b.field ? -1 : 1)),
  };
}

/** Numbers are read as float64. In YAML one that does not fit is a text, so only JSON has them. */
function hugeNumbers(node: Node, path: string): Problem[] {
  switch (node.kind) {
    case 'object':
      return node.entries.flatMap(({ key, value }) => hugeNumbers(value, path === '' ? key : `${path}.${key}`));
    case 'array':
      return node.items.flatMap((item, index) => hugeNumbers(item, `${path}[${index}]`));
    case 'number': {
      const message = `json: cannot unmarshal number ${node.text} into Go value of type float64`;
      return Number.isFinite(Number(node.text)) ? [] : [{ field: path, message, at: node.at }];
    }
    case 'string':
    case 'boolean':
    case 'null':
      return [];
  }
}

function problemsOf(fields: Field): Problem[] {
  const metadata = validateMetadata(fields.child('metadata'), false);
  const schema = validateSchema(fields, headroomAutoscalerSchema);
  const found = [...metadata, ...schema];
  const isBlocked =
    schema.some(({ isBlocking }) => isBlocking) ||
    metadata.some(({ message }) => /^(Required value|Too long)/.test(message));
  return isBlocked
    ? [...found, rulesNotChecked(fields)]
    : [...found, ...validateRules(fields, headroomAutoscalerSchema)];
}

function rulesNotChecked({ at }: Field): Problem {
  const detail = 'some validation rules were not checked because the object was invalid';
  const message = `Invalid value: null: ${detail}; correct the existing errors to complete validation`;
  return { field: '<nil>', message, at };
}
