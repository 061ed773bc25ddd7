// Pure: requests made from Headroom's own OpenAPI documents: its paths, methods and parameters, with values that are right, odd or wrong.
import * as fc from 'fast-check';

export interface GeneratedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A parameter or operation of OpenAPI v2 or v3, as far as it is used here. */
interface Parameter {
  readonly name?: string;
  readonly in?: string;
}

interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const methods = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options', 'trace'];
const mediaTypes = [
  'application/json',
  'application/yaml',
  'application/cbor',
  'application/vnd.kubernetes.protobuf',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  'application/json;stream=watch',
  '*/*',
  'text/html',
  'application/json;q=0, */*;q=x',
  ';;,,=',
];
const values = [
  '',
  '0',
  '1',
  '-1',
  '9223372036854775808',
  'true',
  'nonsense',
  'app=web',
  'app in (a,b),!c',
  'a in (',
  'metadata.name=sim-0',
  'metadata.namespace!=default',
  'spec.x==1,',
  '500',
  '1ns',
  '1h',
  'null',
  'NotOlderThan',
  'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MX0',
  '\u0000',
  '%',
  '../..',
  'ä',
];

/** Requests to the paths of all documents; the same seed gives the same ones. */
export function openApiRequests(
  documents: readonly OpenApiDocument[],
  seed: number,
  count: number,
): readonly GeneratedRequest[] {
  const operations = documents.flatMap(operationsOf);
  if (operations.length === 0) throw new RangeError('the OpenAPI documents have no paths');
  return fc.sample(fc.constantFrom(...operations).chain(requestOf), { seed, numRuns: count });
}

interface Operation {
  readonly path: string;
  readonly queryNames: readonly string[];
}

function operationsOf(document: OpenApiDocument): readonly Operation[] {
  return Object.entries(document.paths).map(([path, item]) => {
    const parameters = Object.values(item).flatMap((part) => parametersIn(part));
    const queryNames = parameters.flatMap(({ name, in: place }) =>
      place === 'query' && name !== undefined ? [name] : [],
    );
    return { path, queryNames: [...new Set(queryNames)] };
  });
}

/** Of a path (a list) or of one of its operations. */
function parametersIn(part: unknown): readonly Parameter[] {
  if (Array.isArray(part)) return part as Parameter[];
  if (typeof part !== 'object' || part === null || !('parameters' in part)) return [];
  return Array.isArray(part.parameters) ? (part.parameters as Parameter[]) : [];
}

const oddText = fc.oneof(
  fc.constantFrom(...values),
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

function requestOf({ path, queryNames }: Operation): fc.Arbitrary<GeneratedRequest> {
  const names = queryNames.length === 0 ? ['pretty'] : queryNames;
  const query = fc.array(fc.tuple(fc.oneof(fc.constantFrom(...names), oddText), oddText), { maxLength: 5 });
  return fc.record({
    method: fc.oneof(
      { weight: 6, arbitrary: fc.constant('GET') },
      fc.constantFrom(...methods.map((name) => name.toUpperCase())),
    ),
    path: fc.tuple(filled(path), query).map(([filledPath, pairs]) => `${filledPath}${queryText(pairs)}`),
    headers: fc
      .tuple(fc.constantFrom(...mediaTypes), fc.constantFrom('gzip', 'gzip;q=0', 'identity', 'br', '*'))
      .map(([accept, encoding]) => ({ accept, 'accept-encoding': encoding })),
  });
}

/** Each {placeholder} of a path becomes a name, an odd text, or nothing. */
function filled(path: string): fc.Arbitrary<string> {
  const part = fc.oneof(fc.constantFrom('default', 'kube-system', 'sim-0', 'web'), oddText.map(encode));
  const pieces = path.split(/\{[^}]*\}/);
  return fc
    .array(part, { minLength: pieces.length, maxLength: pieces.length })
    .map((parts) => pieces.map((piece, index) => (index === 0 ? piece : `${parts[index]}${piece}`)).join(''));
}

function queryText(pairs: readonly (readonly [string, string])[]): string {
  if (pairs.length === 0) return '';
  return `?${pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')}`;
}

/** As percent-encoded bytes; half a surrogate pair, which no UTF-8 has, becomes a question mark. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
