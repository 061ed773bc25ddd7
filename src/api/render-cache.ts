// Flow: encoded objects, kept until the object or its usage changes, so that answering again is copying bytes.

import type { NodeUsage, PodUsage } from '../metrics/types.ts';
import { encodeItem } from './json-encoder.ts';
import type { MetricsObject, ObjectIdentity } from './metrics-object.ts';
import { encodeObject } from './protobuf-encoder.ts';
import type { StampedBytes } from './stamped-bytes.ts';

interface Rendered {
  readonly usage: MetricsObject['usage'];
  json: StampedBytes | undefined;
  protobuf: StampedBytes | undefined;
}

/**
 * Keyed by the identity of the view, which is replaced and never changed, and checked by the values of the usage, which the store computes anew
 * each time it is asked. The bound is the number of nodes and pods: what the caches of objects let go of, this one forgets.
 */
export class RenderCache {
  readonly #rendered = new WeakMap<ObjectIdentity, Rendered>();

  /** As an item of a JSON list. */
  json(object: MetricsObject): StampedBytes {
    const rendered = this.#find(object);
    rendered.json ??= encodeItem(object);
    return rendered.json;
  }

  /** As a protobuf message. */
  protobuf(object: MetricsObject): StampedBytes {
    const rendered = this.#find(object);
    rendered.protobuf ??= encodeObject(object);
    return rendered.protobuf;
  }

  #find({ identity, usage }: MetricsObject): Rendered {
    const known = this.#rendered.get(identity);
    if (known !== undefined && isSameUsage(known.usage, usage)) return known;
    const fresh: Rendered = { usage, json: undefined, protobuf: undefined };
    this.#rendered.set(identity, fresh);
    return fresh;
  }
}

type Usage = NodeUsage | PodUsage;

/** Equal values, so equal bytes. */
function isSameUsage(a: Usage, b: Usage): boolean {
  if (a.timestampMs !== b.timestampMs || a.windowNs !== b.windowNs) return false;
  if ('containers' in a) return 'containers' in b && isSameContainers(a, b);
  return 'cpuNanoCores' in b && a.cpuNanoCores === b.cpuNanoCores && a.memoryBytes === b.memoryBytes;
}

function isSameContainers(a: PodUsage, b: PodUsage): boolean {
  if (a.containers.length !== b.containers.length) return false;
  return a.containers.every((container, index) => {
    const other = b.containers[index];
    return (
      container.name === other?.name &&
      container.cpuNanoCores === other.cpuNanoCores &&
      container.memoryBytes === other.memoryBytes
    );
  });
}
