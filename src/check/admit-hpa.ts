// Pure: what becomes of a HorizontalPodAutoscaler: decoded, defaulted, converted to the form of v2, validated.
import { decode } from './decode.ts';
import { Field } from './field.ts';
import { convertFromV1, roundTripAnnotations } from './from-v1.ts';
import type { StructType } from './go-type.ts';
import { withHpaDefaults } from './hpa-defaults.ts';
import { hpaV1 } from './hpa-v1-type.ts';
import { hpaV2 } from './hpa-v2-type.ts';
import { decodeRefusal, invalidRefusal, namespaceRefusal, strictRefusal, verdict } from './refusals.ts';
import { withFields } from './tree.ts';
import type { AdmissionSettings, ManifestObject, ObjectNode, Verdict } from './types.ts';
import { validateMetadata } from './validate-metadata.ts';
import { validateSpec } from './validate-spec.ts';

export function admitHpaV2(object: ManifestObject, settings: AdmissionSettings): Verdict {
  return admitHpa(object, settings, { type: hpaV2, toV2: withHpaDefaults });
}

export function admitHpaV1(object: ManifestObject, settings: AdmissionSettings): Verdict {
  return admitHpa(object, settings, { type: hpaV1, toV2: convertFromV1 });
}

interface Version {
  readonly type: StructType;
  /** Fills in the defaults of the version and converts. */
  readonly toV2: (root: ObjectNode) => ObjectNode;
}

function admitHpa(object: ManifestObject, { scaleToZero }: AdmissionSettings, { type, toV2 }: Version): Verdict {
  const { root, typeProblems, strictProblems } = decode(object.root, type, { foldCase: false });
  const decoded = decodeRefusal(object, typeProblems);
  const strict = strictRefusal(object, strictProblems);
  if (decoded !== undefined) return verdict(object, [decoded, strict]);
  const converted = withoutRoundTrip(toV2(root));
  const fields = Field.root(converted);
  const problems = [
    ...validateMetadata(fields.child('metadata'), true),
    ...validateSpec(fields.child('spec'), scaleToZero ? 0 : 1),
  ];
  const refusals = [strict, namespaceRefusal(object, fields), invalidRefusal(object, 'autoscaling', problems)];
  return verdict(object, refusals, converted);
}

/** The annotations that hold other versions are not stored, so they are not validated either. */
function withoutRoundTrip(root: ObjectNode): ObjectNode {
  const metadata = Field.root(root).child('metadata').node;
  const annotations = Field.root(root).descend('metadata', 'annotations').node;
  if (metadata?.kind !== 'object' || annotations?.kind !== 'object') return root;
  const kept = annotations.entries.filter(({ key }) => !roundTripAnnotations.includes(key));
  return withFields(root, { metadata: withFields(metadata, { annotations: { ...annotations, entries: kept } }) });
}
