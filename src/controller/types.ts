// Types only: what the flow of the controller asks of the rest of the program. The composition root provides it.
import type { Autoscaler } from '../crd/types.ts';
import type { ChangeListener, Lister } from '../kube/types.ts';

/** The cache of one kind of autoscaler. */
export interface AutoscalerSource extends Lister<Autoscaler> {
  /** Returns a function that ends the subscription. */
  onChange(listener: ChangeListener<Autoscaler>): () => void;
}
