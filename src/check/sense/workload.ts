// Pure: workloads of the files, read as far as an autoscaler depends on them.
import { labelSelectorFromSpec, SelectorError } from '../../lib/label-selector.ts';
import { parseQuantityMilli, QuantityError } from '../../lib/quantity.ts';
import type { ContainerRequests, LabelMatcher, PodTemplateView } from '../../lib/views.ts';
import { Field } from '../field.ts';
import { valueOf } from '../tree.ts';
import type { ManifestObject } from '../types.ts';
import type { Workload } from './types.ts';

/** Kinds whose pods are made from spec.template, by group. */
const kinds: ReadonlySet<string> = new Set([
  'apps/Deployment',
  'apps/ReplicaSet',
  'apps/StatefulSet',
  '/ReplicationController',
]);

/** undefined for other kinds. A workload is not checked: what cannot be read counts as absent. */
export function readWorkload(object: ManifestObject, namespace: string): Workload | undefined {
  const group = groupOf(object.apiVersion);
  if (!kinds.has(`${group}/${object.kind}`)) return undefined;
  const fields = Field.root(object.root);
  const template = fields.descend('spec', 'template');
  return {
    object,
    group,
    namespace: object.namespace || namespace,
    fields,
    selector: readSelector(fields.descend('spec', 'selector'), object.kind),
    podLabels: textsOf(template.descend('metadata', 'labels')),
    template: readTemplate(template.child('spec')),
  };
}

/** `apps` of `apps/v1`; '' of `v1`. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}

function readSelector(selector: Field, kind: string): LabelMatcher | undefined {
  if (selector.node?.kind !== 'object') return undefined;
  const matchLabels = textsOf(kind === 'ReplicationController' ? selector : selector.child('matchLabels'));
  const matchExpressions = selector
    .child('matchExpressions')
    .items()
    .map((expression) => ({
      key: expression.child('key').text(),
      operator: expression.child('operator').text(),
      values: expression
        .child('values')
        .items()
        .map((value) => value.text()),
    }));
  try {
    return labelSelectorFromSpec({ matchLabels, matchExpressions });
  } catch (error) {
    if (error instanceof SelectorError) return undefined;
    throw error;
  }
}

function textsOf(map: Field): Record<string, string> {
  return Object.fromEntries(map.entries().map(({ key }) => [key, map.child(key).text()]));
}

function readTemplate(spec: Field): PodTemplateView {
  const pod = spec.child('resources');
  return {
    containers: spec.child('containers').items().map(readContainer),
    initContainers: spec
      .child('initContainers')
      .items()
      .map((container) => ({
        ...readContainer(container),
        restartPolicyAlways: container.child('restartPolicy').text() === 'Always',
      })),
    podRequestsMilli: pod.isPresent ? requestsOf(pod) : undefined,
    overheadMilli: undefined,
  };
}

function readContainer(container: Field): ContainerRequests {
  return { name: container.child('name').text(), requestsMilli: requestsOf(container.child('resources')) };
}

/** The API server takes a limit for the request where there is none. */
function requestsOf(resources: Field): Record<string, bigint> {
  return { ...amountsOf(resources.child('limits')), ...amountsOf(resources.child('requests')) };
}

/** Amounts by resource in milli-units; those that are no quantities are left out. */
export function amountsOf(amounts: Field): Record<string, bigint> {
  return Object.fromEntries(
    amounts.entries().flatMap(({ key, value }): [string, bigint][] => {
      const milli = tryMilli(String(valueOf(value)));
      return milli === undefined ? [] : [[key, milli]];
    }),
  );
}

function tryMilli(text: string): bigint | undefined {
  try {
    return parseQuantityMilli(text);
  } catch (error) {
    if (error instanceof QuantityError) return undefined;
    throw error;
  }
}
