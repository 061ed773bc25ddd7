// Pure: what the API server answers to the creation of an autoscaler, by its version and kind.
import { goQuote } from '../lib/go-quote.ts';
import { admitHeadroomAutoscaler } from './admit-headroom-autoscaler.ts';
import { admitHpaV1, admitHpaV2 } from './admit-hpa.ts';
import { Field } from './field.ts';
import { verdict } from './refusals.ts';
import type { AdmissionSettings, ManifestObject, Verdict } from './types.ts';

/** By apiVersion and kind; kinds of these groups that are not here are not served by anybody. */
const served: ReadonlyMap<string, (object: ManifestObject, settings: AdmissionSettings) => Verdict> = new Map([
  ['autoscaling/v2 HorizontalPodAutoscaler', admitHpaV2],
  ['autoscaling/v1 HorizontalPodAutoscaler', admitHpaV1],
  ['autoscaling.headroom.dev/v1alpha1 HeadroomAutoscaler', admitHeadroomAutoscaler],
]);
const kinds: ReadonlySet<string> = new Set(['horizontalpodautoscaler', 'headroomautoscaler']);
const groups: ReadonlySet<string> = new Set(['autoscaling', 'autoscaling.headroom.dev']);

/** undefined for kinds that are none of our business. */
export function admit(object: ManifestObject, settings: AdmissionSettings): Verdict | undefined {
  const { apiVersion, kind } = object;
  const admitServed = served.get(`${apiVersion} ${kind}`);
  if (admitServed !== undefined) return admitServed(object, settings);
  const [group = ''] = apiVersion.split('/');
  return groups.has(group) || kinds.has(kind.toLowerCase()) ? notServed(object) : undefined;
}

/** What kubectl says, which asks for the kind first. */
function notServed(object: ManifestObject): Verdict {
  const message = `no matches for kind ${goQuote(object.kind)} in version ${goQuote(object.apiVersion)}`;
  const isKindKnown = [...served.keys()].some((known) => known.endsWith(` ${object.kind}`));
  const { path, at } = Field.root(object.root).child(isKindKnown ? 'apiVersion' : 'kind');
  return verdict(object, [{ step: 'lookup', message, problems: [{ field: path, message, at }] }]);
}
