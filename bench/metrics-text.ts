// Pure: sums over the text of a /metrics page.

/** The sum of all samples of this name whose labels satisfy `wanted`; 0 when there are none. */
export function sumOf(
  page: string,
  name: string,
  wanted: (labels: Readonly<Record<string, string>>) => boolean = () => true,
): number {
  let sum = 0;
  for (const line of page.split('\n')) {
    if (!line.startsWith(name)) continue;
    const match = /^(?<name>[^{ ]+)(?:\{(?<labels>.*)\})? (?<value>\S+)/.exec(line)?.groups;
    if (match?.['name'] === name && wanted(labelsOf(match['labels'] ?? ''))) sum += Number(match['value']);
  }
  return sum;
}

function labelsOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g).map(([, name = '', value = '']) => [name, value]),
  );
}
