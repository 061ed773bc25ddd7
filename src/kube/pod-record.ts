// Pure: a pod as it is kept. 150,000 of these live at once, so it has few fields, and what pods share is shared.
import type { PodTemplateView, PodView, ReadyCondition } from '../lib/views.ts';

/** Distinct texts, label sets and templates that a reader of pods shares at a time; twice as many at most are held. */
export const podInternCapacity = 16_384;

/** The slot of a record that is in no index: it left, or a newer one of the same pod replaced it. */
export const nowhere = -1;

/**
 * Times are kept as the whole seconds that they are on the wire: numbers below 2^31 stand in the record itself, milliseconds would take 16
 * bytes beside it. The Ready condition is made when it is asked for, for the same reason: 64 bytes for each pod.
 */
export class PodRecord implements PodView {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly nodeName: string;
  readonly phase: string;
  readonly deleting: boolean;
  readonly template: PodTemplateView;
  readonly startedAtSeconds: number | undefined;
  readonly readyStatus: ReadyCondition['status'] | undefined;
  readonly readyAtSeconds: number;
  /** The PodStore's own: where in its group of equally labelled pods this one stands. */
  slot = nowhere;
  /** See ListedPod. */
  ordinal = -1;

  constructor(pod: PodView) {
    this.namespace = pod.namespace;
    this.name = pod.name;
    this.labels = pod.labels;
    this.nodeName = pod.nodeName;
    this.phase = pod.phase;
    this.deleting = pod.deleting;
    this.template = pod.template;
    this.startedAtSeconds = pod.startedAtMs === undefined ? undefined : wholeSeconds(pod.startedAtMs);
    this.readyStatus = pod.ready?.status;
    this.readyAtSeconds = wholeSeconds(pod.ready?.lastTransitionAtMs ?? 0);
  }

  /** Nobody could tell the two apart. Equal labels and templates that are not shared count as different, which costs a look, no more. */
  equals(other: PodRecord): boolean {
    return (
      this.name === other.name &&
      this.namespace === other.namespace &&
      this.labels === other.labels &&
      this.nodeName === other.nodeName &&
      this.phase === other.phase &&
      this.deleting === other.deleting &&
      this.template === other.template &&
      this.startedAtSeconds === other.startedAtSeconds &&
      this.readyStatus === other.readyStatus &&
      this.readyAtSeconds === other.readyAtSeconds
    );
  }

  get isOutdated(): boolean {
    return this.slot === nowhere;
  }

  get startedAtMs(): number | undefined {
    return this.startedAtSeconds === undefined ? undefined : this.startedAtSeconds * 1000;
  }

  get ready(): ReadyCondition | undefined {
    if (this.readyStatus === undefined) return undefined;
    return { status: this.readyStatus, lastTransitionAtMs: this.readyAtSeconds * 1000 };
  }
}

/** Rounded although metav1.Time has no fractions: V8 keeps the result of a division beside the record, and that of a rounding in it. */
function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000);
}

/** The status of a condition as one of three texts that all pods share. */
export function conditionStatus(text: string): ReadyCondition['status'] {
  if (text === 'True') return 'True';
  return text === 'False' ? 'False' : 'Unknown';
}
