// Pure: the code of a system error.

/** `ENOENT`, `EEXIST` and the like; undefined when the thrown value carries none. */
export function errorCode(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
}
