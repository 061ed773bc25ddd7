// Pure: a pod as it is kept. 150,000 of these live at once, so it has few fields, and what pods share is shared.
import type { PodTemplateView, PodView, ReadyCondition } from '../lib/views.ts';

export class PodRecord implements PodView {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly nodeName: string;
  readonly phase: string;
  readonly deleting: boolean;
  readonly startedAtMs: number | undefined;
  readonly ready: ReadyCondition | undefined;
  readonly template: PodTemplateView;
  /** The PodStore's own: where in its group of equally labelled pods this one stands. */
  slot = -1;

  constructor(pod: PodView) {
    this.namespace = pod.namespace;
    this.name = pod.name;
    this.uid = pod.uid;
    this.labels = pod.labels;
    this.nodeName = pod.nodeName;
    this.phase = pod.phase;
    this.deleting = pod.deleting;
    this.startedAtMs = pod.startedAtMs;
    this.ready = pod.ready;
    this.template = pod.template;
  }
}
