// Pure: names of users that mean nodes and service accounts.

const label = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;

function isLabel(text: string): boolean {
  return text.length <= 63 && label.test(text);
}

/** RFC 1123, as Kubernetes checks names of objects. */
export function isSubdomain(text: string): boolean {
  return text.length <= 253 && text.split('.').every((part) => label.test(part));
}

const nodePrefix = 'system:node:';

/** The node that a user is, if it is one. */
export function nodeOf(userName: string): string | undefined {
  if (!userName.startsWith(nodePrefix)) return undefined;
  const node = userName.slice(nodePrefix.length);
  return isSubdomain(node) ? node : undefined;
}

export interface ServiceAccount {
  readonly namespace: string;
  readonly name: string;
}

const serviceAccountPrefix = 'system:serviceaccount:';

/** The service account that a user is, if it is one. */
export function serviceAccountOf(userName: string): ServiceAccount | undefined {
  if (!userName.startsWith(serviceAccountPrefix)) return undefined;
  const [namespace = '', name = '', ...more] = userName.slice(serviceAccountPrefix.length).split(':', 3);
  return more.length === 0 && isLabel(namespace) && isSubdomain(name) ? { namespace, name } : undefined;
}

/** The groups that every service account of a namespace is in. */
export function serviceAccountGroups({ namespace }: ServiceAccount): readonly string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
}
