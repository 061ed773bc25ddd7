// Pure: content negotiation as API servers do it: Accept headers in, a representation out.

export interface MediaRange {
  readonly type: string;
  readonly subtype: string;
  readonly quality: number;
  readonly parameters: Readonly<Record<string, string>>;
}

export const mediaTypes = {
  json: 'application/json',
  yaml: 'application/yaml',
  protobuf: 'application/vnd.kubernetes.protobuf',
} as const;

export type Encoding = keyof typeof mediaTypes;

/** The kind that an answer should be turned into: `as=Table;v=v1;g=meta.k8s.io`. Missing parts are ''. */
export interface Transform {
  readonly kind: string;
  readonly group: string;
  readonly version: string;
}

export interface Representation {
  readonly encoding: Encoding;
  /** The range asked for indented text (`pretty=1`). */
  readonly pretty: boolean;
  readonly transform: Transform | undefined;
}

/** May answers of this encoding be turned into this kind? `undefined` asks for the encoding without a change of kind. */
export type TransformRule = (encoding: Encoding, transform: Transform | undefined) => boolean;

/** Clients send a handful. Headers may be 1 MiB long, and are read before anybody knows who sent them. */
const mostRanges = 64;
const mostParameters = 16;

/** Ranges of an Accept header, the most wanted first; what is not a range is dropped. A missing header accepts everything. */
export function parseAccept(header: string | undefined): readonly MediaRange[] {
  const ranges = (header === undefined || header === '' ? '*/*' : header).split(',', mostRanges).flatMap(parseRange);
  // Stable: of equals the first written wins.
  return ranges.toSorted((a, b) => b.quality - a.quality || wildness(a) - wildness(b));
}

function parseRange(text: string): readonly MediaRange[] {
  const [name = '', ...rest] = text.split(';', 1 + mostParameters);
  const [type = '', subtype = type === '*' ? '*' : undefined, ...more] = name.split('/', 3).map((part) => part.trim());
  if (more.length > 0 || subtype === undefined) return [];
  const { q, ...parameters } = Object.fromEntries(rest.flatMap(parseParameter));
  return [{ type, subtype, quality: q === undefined ? 1 : Number.parseFloat(q) || 0, parameters }];
}

function parseParameter(text: string): readonly (readonly [string, string])[] {
  const [key = '', value = '', ...more] = text.split('=');
  return value === '' || more.length > 0 ? [] : [[key.trim(), value.trim()]];
}

function wildness({ type, subtype }: MediaRange): number {
  if (type === '*') return 2;
  return subtype === '*' ? 1 : 0;
}

function covers({ type, subtype }: MediaRange, encoding: Encoding): boolean {
  const mediaType = mediaTypes[encoding];
  if (type === '*') return subtype === '*';
  return subtype === '*' ? mediaType.startsWith(`${type}/`) : mediaType === `${type}/${subtype}`;
}

/** Is any of the encodings named at all, whatever else the range asks? */
export function acceptsAny(ranges: readonly MediaRange[], encodings: readonly Encoding[]): boolean {
  return encodings.some((encoding) => ranges.some((range) => covers(range, encoding)));
}

/** The first representation that the client wants and `encodings` and `allows` offer; undefined when there is none. */
export function negotiate(
  ranges: readonly MediaRange[],
  encodings: readonly Encoding[],
  allows: TransformRule,
): Representation | undefined {
  for (const range of ranges) {
    const transform = transformOf(range.parameters);
    const encoding = encodings.find(
      (candidate) => covers(range, candidate) && offersParameters(range, candidate) && allows(candidate, transform),
    );
    if (encoding !== undefined) return { encoding, pretty: range.parameters['pretty'] === '1', transform };
  }
  return undefined;
}

function transformOf(parameters: MediaRange['parameters']): Transform | undefined {
  const { as: kind = '', g: group = '', v: version = '' } = parameters;
  return kind === '' && group === '' && version === '' ? undefined : { kind, group, version };
}

/** `stream=watch` is accepted where watches could be encoded, `sv=v1` where objects are. */
function offersParameters({ parameters }: MediaRange, encoding: Encoding): boolean {
  const { stream, sv } = parameters;
  if (stream !== undefined && (stream !== 'watch' || encoding === 'yaml')) return false;
  return sv === undefined || sv === 'v1';
}

/** No change of kind at all: errors and discovery. */
export const noTransform: TransformRule = (_encoding, transform) => transform === undefined;

/** What lists and objects can be turned into. A Table has no protobuf form. */
export const objectTransforms: TransformRule = (encoding, transform) => {
  if (transform === undefined) return true;
  const { kind, group, version } = transform;
  if (group !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) return false;
  if (kind === 'Table') return encoding !== 'protobuf';
  return kind === 'PartialObjectMetadata' || kind === 'PartialObjectMetadataList';
};
