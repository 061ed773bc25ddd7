// Pure, cold: is this text a Prometheus exposition at all? Asked only when a body held nothing that we need.

/** How much of a body is looked at. */
const maxBytesLookedAt = 64 * 1024;

const decoder = new TextDecoder();
const metadata = /^#[ \t]+(HELP|TYPE|UNIT)[ \t]+[a-zA-Z_:]|^#[ \t]*EOF/;
/** No two parts that may follow each other match the same blanks: that would take quadratic time for a line of them. */
const sample =
  /^[a-zA-Z_:][a-zA-Z0-9_:]*([ \t]*\{[^\n]*\})?[ \t]+([-+]?[0-9.][-+0-9.eE]*|[-+]?Inf|NaN)([ \t]+-?[0-9]+)?[ \t]*$/i;

/**
 * True for an empty body and for one in which at least one line is a sample or a `# HELP`, `# TYPE`, `# UNIT` or `# EOF` comment;
 * false for HTML, JSON, an error page or noise.
 */
export function looksLikeExposition(body: Uint8Array): boolean {
  const text = decoder.decode(body.subarray(0, maxBytesLookedAt));
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines.length === 0 || lines.some((line) => metadata.test(line) || sample.test(line.trimStart()));
}
