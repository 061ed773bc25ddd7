// `namespace/name` keys, the vocabulary of queues and stores.

/** `namespace/name`, or `name` alone for a cluster-scoped object (namespace ''). */
export function objectKey(namespace: string, name: string): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

/** The two halves of an object key; namespace is '' for a cluster-scoped object. */
export function splitObjectKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/');
  return slash < 0 ? { namespace: '', name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
