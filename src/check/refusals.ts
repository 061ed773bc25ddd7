// Pure: the answers with which the API server refuses an object, in its words.
import { goQuote } from '../lib/go-quote.ts';
import type { Field } from './field.ts';
import { dnsLabelProblems } from './name-rules.ts';
import type { ManifestObject, ObjectNode, Problem, Refusal, Verdict } from './types.ts';

/** `root`: the object as it would be stored; undefined when it could not be decoded. */
export function verdict(
  object: ManifestObject,
  refusals: readonly (Refusal | undefined)[],
  root?: ObjectNode,
): Verdict {
  return {
    object,
    refusals: refusals.filter((one) => one !== undefined),
    admitted: root === undefined ? undefined : { object, root },
  };
}

/** Of several values of a wrong type the first is told. */
export function decodeRefusal(object: ManifestObject, problems: readonly Problem[]): Refusal | undefined {
  const [first] = problems;
  return first && { step: 'decode', problems, message: cannotBeHandled(object, first.message) };
}

/** YAML tells of all repeated keys in one sentence, with its own line numbers. */
export function strictRefusal(object: ManifestObject, problems: readonly Problem[]): Refusal | undefined {
  const repeated = object.repeatedKeys.map(({ field, key, lineOfDocument, at }) => {
    return { field, message: `line ${lineOfDocument}: key ${key} already set in map`, at };
  });
  if (repeated.length + problems.length === 0) return undefined;
  const lines = repeated.map(({ message }) => `\n  ${message}`).join('');
  const sentences = [
    ...(repeated.length > 0 ? [`yaml: unmarshal errors:${lines}`] : []),
    ...problems.map(({ message }) => message),
  ];
  const message = cannotBeHandled(object, `strict decoding error: ${sentences.join(', ')}`);
  return { step: 'strict', problems: [...repeated, ...problems], message };
}

function cannotBeHandled({ kind, apiVersion }: ManifestObject, why: string): string {
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
  return `${kind} in version ${goQuote(version)} cannot be handled as a ${kind}: ${why}`;
}

/** No namespace can have such a name, so the API server does not find it. */
export function namespaceRefusal({ namespace }: ManifestObject, root: Field): Refusal | undefined {
  const { path, at } = root.descend('metadata', 'namespace');
  if (namespace === '' || dnsLabelProblems(namespace).length === 0) return undefined;
  const message = `namespaces ${goQuote(namespace)} not found`;
  return { step: 'lookup', problems: [{ field: path, message, at }], message };
}

/** `group`: of the kind. */
export function invalidRefusal(
  { kind, name }: ManifestObject,
  group: string,
  problems: readonly Problem[],
): Refusal | undefined {
  if (problems.length === 0) return undefined;
  const sentences = [...new Set(problems.map(({ field, message }) => `${field}: ${message}`))];
  const all = sentences.length === 1 ? (sentences[0] ?? '') : `[${sentences.join(', ')}]`;
  return { step: 'validate', problems, message: `${kind}.${group} ${goQuote(name)} is invalid: ${all}` };
}
