// Pure: which autoscalers name a target, so that a change of the target reaches them and two kinds of autoscaler on one target are seen.
import type { Autoscaler } from '../crd/types.ts';
import { parseGroupVersion } from '../kube/group-version.ts';
import { autoscalerKey } from './autoscaler-key.ts';

/** An object with a scale subresource, by group and kind: versions of one group are views of the same object. */
export interface TargetName {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export class TargetRegistry {
  readonly #autoscalers = new Map<string, Map<string, Autoscaler>>();
  readonly #targets = new Map<string, string>();

  /** Registers the target of an autoscaler in place of the one it had. */
  set(autoscaler: Autoscaler): void {
    const key = autoscalerKey(autoscaler);
    this.delete(key);
    const target = targetKey(targetOf(autoscaler));
    const onTarget = this.#autoscalers.get(target) ?? new Map<string, Autoscaler>();
    this.#autoscalers.set(target, onTarget.set(key, autoscaler));
    this.#targets.set(key, target);
  }

  delete(key: string): void {
    const target = this.#targets.get(key);
    if (target === undefined) return;
    this.#targets.delete(key);
    const onTarget = this.#autoscalers.get(target);
    onTarget?.delete(key);
    if (onTarget?.size === 0) this.#autoscalers.delete(target);
  }

  /** Every autoscaler that names the target. */
  on(target: TargetName): Iterable<Autoscaler> {
    return this.#autoscalers.get(targetKey(target))?.values() ?? [];
  }

  /** The autoscalers of the other kind on the same target as this one, without this one. */
  rivals(autoscaler: Autoscaler): readonly Autoscaler[] {
    return [...this.on(targetOf(autoscaler))].filter(({ kind }) => kind !== autoscaler.kind);
  }
}

/** The target that a spec names; an apiVersion that cannot be parsed is a group of its own. */
export function targetOf({ namespace, spec }: Autoscaler): TargetName {
  const { apiVersion, kind, name } = spec.scaleTargetRef;
  return { group: parseGroupVersion(apiVersion)?.group ?? apiVersion, kind, namespace, name };
}

function targetKey({ group, kind, namespace, name }: TargetName): string {
  // A spec may write the kind in lower case, as the REST mapper allows.
  return `${group}/${kind.toLowerCase()}/${namespace}/${name}`;
}
