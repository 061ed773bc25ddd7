// Pure: everything that is admitted but makes no sense, as far as the files alone can tell.

import { parseAutoscaler } from '../../crd/parse.ts';
import { isAutoscalerKind } from '../../crd/resources.ts';
import { Field } from '../field.ts';
import { objectOf, treeOf, valueOf, withFields } from '../tree.ts';
import type { ManifestObject, Verdict } from '../types.ts';
import { senseAnnotations } from './annotations.ts';
import { senseLimits } from './limits.ts';
import { senseMetrics } from './metrics.ts';
import { rehearseMetrics } from './rehearsal.ts';
import { senseReplaced } from './replaced.ts';
import { senseTargets } from './targets.ts';
import type { SenseSettings, ValidAutoscaler, Warning, Workload } from './types.ts';
import { groupOf, readWorkload } from './workload.ts';

/** `objects` are all that the files hold; autoscalers that are refused are left out. */
export function senseOf(
  verdicts: readonly Verdict[],
  objects: readonly ManifestObject[],
  settings: SenseSettings,
): Warning[] {
  const workloads = objects.flatMap((object) => readWorkload(object, settings.namespace) ?? []);
  const valid = verdicts.flatMap((verdict) => validAutoscaler(verdict, workloads, settings) ?? []);
  return [
    ...valid.flatMap((one) => [
      ...senseLimits(one),
      ...senseMetrics(one),
      ...rehearseMetrics(one),
      ...senseAnnotations(one),
    ]),
    ...senseTargets(valid),
    ...senseReplaced(valid),
  ];
}

function validAutoscaler(
  { object, refusals, admitted }: Verdict,
  workloads: readonly Workload[],
  { namespace }: SenseSettings,
): ValidAutoscaler | undefined {
  if (refusals.length > 0 || admitted === undefined || !isAutoscalerKind(object.kind)) return undefined;
  const at = admitted.root.at;
  const identity = { name: object.name, namespace: object.namespace || namespace };
  const root = withFields(admitted.root, { metadata: treeOf(identity, at), status: objectOf({}, at) });
  const autoscaler = parseAutoscaler(valueOf(root), object.kind);
  const { apiVersion, kind, name } = autoscaler.spec.scaleTargetRef;
  const workload = workloads.find((one) => {
    const isKind = one.group === groupOf(apiVersion) && one.object.kind.toLowerCase() === kind.toLowerCase();
    return isKind && one.object.name === name && one.namespace === autoscaler.namespace;
  });
  return { object, fields: Field.root(admitted.root), autoscaler, workload };
}
