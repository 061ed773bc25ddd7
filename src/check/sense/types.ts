// Types only: what is admitted but makes no sense.
import type { Autoscaler } from '../../crd/types.ts';
import type { LabelMatcher, PodTemplateView } from '../../lib/views.ts';
import type { Field } from '../field.ts';
import type { ManifestObject, Position } from '../types.ts';

/** Something to think about; `message` in the words of the condition that will show it, where there is one. */
export interface Warning {
  readonly object: ManifestObject;
  readonly field: string;
  readonly at: Position;
  readonly message: string;
  readonly advice: string;
}

/** An autoscaler that the API server admits. */
export interface ValidAutoscaler {
  readonly object: ManifestObject;
  /** In the form of v2, with defaults. */
  readonly fields: Field;
  /** The same as the controller reads it. */
  readonly autoscaler: Autoscaler;
  /** Its target, when that is in the same files. */
  readonly workload: Workload | undefined;
}

/** A Deployment, ReplicaSet, StatefulSet or ReplicationController of the files. */
export interface Workload {
  readonly object: ManifestObject;
  readonly group: string;
  readonly namespace: string;
  readonly fields: Field;
  /** undefined when it is missing or invalid. */
  readonly selector: LabelMatcher | undefined;
  readonly podLabels: Readonly<Record<string, string>>;
  readonly template: PodTemplateView;
}

export interface SenseSettings {
  /** For objects that name none. */
  readonly namespace: string;
  readonly scaleToZero: boolean;
}
