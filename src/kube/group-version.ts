// Pure: the apiVersion of an object, in its parts.

export interface GroupVersion {
  /** '' is the core group. */
  readonly group: string;
  readonly version: string;
}

/** `apps/v1`, `v1`, '' or '/' (neither group nor version); undefined for a text with more than one slash, as schema.ParseGroupVersion. */
export function parseGroupVersion(apiVersion: string): GroupVersion | undefined {
  if (apiVersion === '' || apiVersion === '/') return { group: '', version: '' };
  const [first = '', second, ...more] = apiVersion.split('/');
  if (more.length > 0) return undefined;
  return second === undefined ? { group: '', version: first } : { group: first, version: second };
}
