// Pure: autoscalers of one kind, namespace and name: the one that is applied last replaces the others.
import { Field } from '../field.ts';
import type { ValidAutoscaler, Warning } from './types.ts';

/** Those that are left when all are applied in their order. */
export function lasting(all: readonly ValidAutoscaler[]): ValidAutoscaler[] {
  return [...new Map(all.map((one) => [identityOf(one), one])).values()];
}

export function senseReplaced(all: readonly ValidAutoscaler[]): Warning[] {
  const firsts = new Map<unknown, ValidAutoscaler>();
  return all.flatMap((one): Warning[] => {
    const identity = identityOf(one);
    const first = firsts.get(identity);
    if (first === undefined) {
      firsts.set(identity, one);
      return [];
    }
    const { kind, namespace, name } = one.autoscaler;
    const { path, at } = one.fields.descend('metadata', 'name');
    const message = `${kind} ${namespace}/${name} is written at ${first.object.file}:${first.object.root.at.line} too; applied after it, this one replaces it`;
    const advice = 'keep one of them, or give it another name or namespace';
    return [{ object: one.object, field: path, at, message, advice }];
  });
}

/** A name that is generated is nobody else's. */
function identityOf(one: ValidAutoscaler): unknown {
  const { kind, namespace, name } = one.autoscaler;
  const isNamed = Field.root(one.object.root).descend('metadata', 'name').isPresent;
  return isNamed ? `${kind} ${namespace}/${name}` : one;
}
