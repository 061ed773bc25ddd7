// What `headroom check` says to a manifest, in the form of an API server's answer.
import { admit } from '../../src/check/admission.ts';
import { readDocuments } from '../../src/check/documents.ts';
import { objectsOf } from '../../src/check/manifest-objects.ts';
import type { ApiAnswer } from './api-answer.ts';
import type { ManifestCase } from './manifests.ts';

export function checkedAnswer({ manifest, scaleToZero }: ManifestCase): ApiAnswer {
  const [document] = readDocuments('case.yaml', manifest);
  if (document === undefined || !('root' in document)) throw new Error(document?.message ?? 'no document');
  const [object] = objectsOf(document);
  if (object === undefined || !('kind' in object)) throw new Error(object?.message ?? 'no object');
  const verdict = admit(object, { scaleToZero: scaleToZero === true });
  const [refusal] = verdict?.refusals ?? [];
  if (refusal === undefined) return {};
  const problems = refusal.step === 'validate' ? refusal.problems : [];
  const causes = problems.map(({ field, message }) => ({ field, message }));
  return { message: refusal.message, ...(causes.length > 0 && { causes }) };
}

/** Where upstream has no order, all causes and sentences are sorted. */
export function comparable(answer: ApiAnswer, { anyOrder }: ManifestCase): ApiAnswer {
  if (anyOrder !== true || answer.causes === undefined) return answer;
  const causes = answer.causes.toSorted((a, b) => (`${a.field}${a.message}` < `${b.field}${b.message}` ? -1 : 1));
  const message = answer.message?.slice(0, answer.message.indexOf(' is invalid: ')) ?? '';
  return { message, causes };
}
