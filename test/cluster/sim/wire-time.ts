// Pure: instants as Kubernetes writes them.

/** metav1.Time: whole seconds, `2026-01-02T03:04:05Z`. */
export function wireTime(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** metav1.MicroTime: `2026-01-02T03:04:05.678000Z`. */
export function wireMicroTime(atMs: number): string {
  return new Date(atMs).toISOString().replace('Z', '000Z');
}
