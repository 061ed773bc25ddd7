// Pure: one object as the API server would have it in etcd.
export interface StoredObject {
  readonly key: string;
  /** JSON with apiVersion and kind: the API server reads it as well as its own protobuf. */
  readonly value: string;
}

export const keyPrefix = '/registry/';

export function stored(path: string, object: object): StoredObject {
  return { key: `${keyPrefix}${path}`, value: JSON.stringify(object) };
}

/** RFC 3339 with whole seconds. */
export function wireTime(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}
