// Flow: encoded objects, kept until the object or its usage changes, so that answering again is copying bytes.
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
 * Keyed by the identity of the view, checked by the identity of the usage: both are replaced, never changed. The bound is the number of nodes
 * and pods: what the caches of objects let go of, this one forgets.
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
    if (known?.usage === usage) return known;
    const fresh: Rendered = { usage, json: undefined, protobuf: undefined };
    this.#rendered.set(identity, fresh);
    return fresh;
  }
}
