// Pure: annotations that hold parts of an autoscaler in another version, and do not do what they seem to.
import { Field } from '../field.ts';
import { behaviorAnnotation, isReadable, metricsAnnotation } from '../from-v1.ts';
import type { ValidAutoscaler, Warning } from './types.ts';

export function senseAnnotations({ object }: ValidAutoscaler): Warning[] {
  const root = Field.root(object.root);
  const isV1 = object.apiVersion === 'autoscaling/v1';
  return [metricsAnnotation, behaviorAnnotation].flatMap((name): Warning[] => {
    const { path, at, isPresent } = root.descend('metadata', 'annotations').child(name);
    if (!isPresent || object.kind !== 'HorizontalPodAutoscaler') return [];
    const field = name === metricsAnnotation ? 'spec.metrics' : 'spec.behavior';
    if (!isV1) {
      const message = `the API server drops ${name} from a v2 object without reading it`;
      return [{ object, field: path, at, message, advice: `write ${field}` }];
    }
    if (isReadable(root, name) === true) return [];
    const message = `the API server cannot read ${name} and passes over it without a word`;
    return [{ object, field: path, at, message, advice: `write autoscaling/v2 with ${field}` }];
  });
}
