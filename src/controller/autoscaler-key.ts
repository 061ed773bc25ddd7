// Pure: `kind/namespace/name`, the key of an autoscaler in queues and stores; the two kinds may share a name.
import { isAutoscalerKind } from '../crd/resources.ts';
import type { Autoscaler, AutoscalerKind } from '../crd/types.ts';
import { objectKey } from '../lib/object-key.ts';

export interface AutoscalerName {
  readonly kind: AutoscalerKind;
  readonly namespace: string;
  readonly name: string;
}

export function autoscalerKey({ kind, namespace, name }: AutoscalerName): string {
  return `${kind}/${objectKey(namespace, name)}`;
}

export function splitAutoscalerKey(key: string): AutoscalerName {
  const [kind = '', namespace = '', name = ''] = key.split('/');
  if (!isAutoscalerKind(kind)) throw new Error(`BUG: not a key of an autoscaler: ${key}`);
  return { kind, namespace, name };
}

/** The kind, and the key of the object among those of its kind. Costs less than the names, which every sample of an autoscaled pod would pay for. */
export function splitKind(key: string): { readonly kind: AutoscalerKind; readonly objectKey: string } {
  const slash = key.indexOf('/');
  const kind = key.slice(0, slash);
  if (!isAutoscalerKind(kind)) throw new Error(`BUG: not a key of an autoscaler: ${key}`);
  return { kind, objectKey: key.slice(slash + 1) };
}

export function isAutoscalerKey(key: string): boolean {
  const [kind = '', ...names] = key.split('/');
  return isAutoscalerKind(kind) && names.length === 2 && !names.includes('');
}

/** For people: `HorizontalPodAutoscaler shop/web`. */
export function describeAutoscaler({ kind, namespace, name }: Pick<Autoscaler, 'kind' | 'namespace' | 'name'>): string {
  return `${kind} ${namespace}/${name}`;
}
