// Pure: what a pod's spec requests -> PodTemplateView, which the pods of one template share.
import { parseQuantityMilli } from '../lib/quantity.ts';
import type { ContainerRequests, InitContainerRequests, PodTemplateView } from '../lib/views.ts';

/** Resource name -> quantity, as on the wire. */
type RawQuantities = Readonly<Record<string, unknown>>;

/** The parts of a pod's spec that say what it requests. */
export interface RawRequests {
  readonly containers: readonly RawContainer[];
  readonly initContainers: readonly RawContainer[];
  /** spec.resources.requests. */
  readonly pod: RawQuantities | undefined;
  readonly overhead: RawQuantities | undefined;
}

export interface RawContainer {
  readonly name: string;
  readonly requests: RawQuantities;
  readonly restartPolicy: string;
}

/** Throws QuantityError. */
export function podTemplate({ containers, initContainers, pod, overhead }: RawRequests): PodTemplateView {
  return {
    containers: containers.map(containerRequests),
    initContainers: initContainers.map(
      (container): InitContainerRequests => ({
        ...containerRequests(container),
        restartPolicyAlways: container.restartPolicy === 'Always',
      }),
    ),
    podRequestsMilli: pod === undefined ? undefined : requestsMilli(pod),
    overheadMilli: overhead === undefined ? undefined : requestsMilli(overhead),
  };
}

function containerRequests({ name, requests }: RawContainer): ContainerRequests {
  return { name, requestsMilli: requestsMilli(requests) };
}

function requestsMilli(quantities: RawQuantities): Readonly<Record<string, bigint>> {
  // A quantity may come as a JSON number from a client that is not careful; the API server writes strings.
  return Object.fromEntries(
    Object.entries(quantities).map(([resource, quantity]) => [resource, parseQuantityMilli(String(quantity))]),
  );
}
