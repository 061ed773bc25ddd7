// What `headroom check` says to a manifest, in the form of an API server's answer.
import { admit } from '../../src/check/admission.ts';
import { readDocuments } from '../../src/check/documents.ts';
import { objectsOf } from '../../src/check/manifest-objects.ts';
import type { Verdict } from '../../src/check/types.ts';
import type { ApiAnswer } from './api-answer.ts';
import type { ManifestCase } from './manifests.ts';

/** What is found in a manifest of one autoscaler. */
export function verdictOf({ manifest, scaleToZero }: Pick<ManifestCase, 'manifest' | 'scaleToZero'>): Verdict {
  const [document] = readDocuments('case.yaml', manifest);
  if (document === undefined || !('root' in document)) throw new Error(document?.message ?? 'no document');
  const [object] = objectsOf(document);
  if (object === undefined || !('root' in object)) throw new Error(object?.message ?? 'no object');
  const verdict = admit(object, { scaleToZero: scaleToZero === true });
  if (verdict === undefined) throw new Error(`no autoscaler: ${object.kind}`);
  return verdict;
}

export function checkedAnswer(one: ManifestCase): ApiAnswer {
  const [refusal] = verdictOf(one).refusals;
  if (refusal === undefined) return {};
  const { step, message, problems } = refusal;
  return step === 'validate'
    ? { message, causes: problems.map(({ field, message }) => ({ field, message })) }
    : { message };
}

/** Where upstream has no order, causes are sorted, and the message, which repeats them, is cut short. */
export function comparable(answer: ApiAnswer, { anyOrder }: ManifestCase): ApiAnswer {
  if (anyOrder !== true || answer.causes === undefined) return answer;
  const causes = answer.causes.toSorted((a, b) => (`${a.field}${a.message}` < `${b.field}${b.message}` ? -1 : 1));
  const message = answer.message?.slice(0, answer.message.indexOf(' is invalid: ')) ?? '';
  return { message, causes };
}
