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

/** What a route serves besides plain encodings. */
export interface Offer {
  readonly encodings: readonly Encoding[];
  /** May answers of this encoding be turned into this kind? `undefined` asks for the encoding without a change of kind. */
  allowsTransform(encoding: Encoding, transform: Transform | undefined): boolean;
  /** The one `sv` that may be asked for; undefined: none. */
  readonly serverVersion?: string;
}

/** Clients send a handful. Headers may be 1 MiB long, and are read before anybody knows who sent them. */
const mostRanges = 64;
const mostParameters = 16;

/** Ranges of an Accept header, the most wanted first; what is not a range is dropped. A missing header is no range at all. */
export function parseAccept(header: string | undefined): readonly MediaRange[] {
  if (header === undefined || header === '') return [];
  return sortAsGo(header.split(',', mostRanges).flatMap(parseRange));
}

function parseRange(text: string): readonly MediaRange[] {
  const [name = '', ...rest] = trimBlanks(text).split(';', 1 + mostParameters);
  const [first = '', second = '', ...more] = name.split('/', 4);
  if (more.some((part) => part !== '')) return [];
  const type = trimBlanks(first);
  if (second === '' && type !== '*') return [];
  const { q, ...parameters } = Object.fromEntries(rest.flatMap(parseParameter));
  const subtype = second === '' ? '*' : trimBlanks(second);
  return [{ type, subtype, quality: q === undefined ? 1 : readQuality(q), parameters }];
}

function parseParameter(text: string): readonly (readonly [string, string])[] {
  const [key = '', value = '', ...more] = text.split('=', 4);
  if (value === '' || more.some((part) => part !== '')) return [];
  const name = trimBlanks(key);
  return [[name, name === 'q' ? value : trimBlanks(value)]];
}

const decimal = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;

/** What is no number counts as 0, which does not mean that the range is refused. */
function readQuality(text: string): number {
  return decimal.test(text) ? Number(text) : 0;
}

/** Blanks only: tabs belong to the name, which is then none that is known. */
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  // No regular expression: `/ +$/` takes quadratic time for blanks that are not at the end, and anybody may send them.
  while (start < end && text[start] === ' ') start++;
  while (end > start && text[end - 1] === ' ') end--;
  return text.slice(start, end);
}

/**
 * Insertion sort, because the order is none: a named type with a small quality and a wildcard come before each other. The reference sorts so, and which range wins
 * then depends on the steps of the sort.
 */
function sortAsGo(ranges: readonly MediaRange[]): readonly MediaRange[] {
  const sorted = [...ranges];
  for (let end = 1; end < sorted.length; end++) {
    for (let at = end; at > 0; at--) {
      const [before, range] = [sorted[at - 1], sorted[at]];
      if (before === undefined || range === undefined || !comesBefore(range, before)) break;
      sorted[at - 1] = range;
      sorted[at] = before;
    }
  }
  return sorted;
}

function comesBefore(a: MediaRange, b: MediaRange): boolean {
  if (a.quality > b.quality) return true;
  if (a.type !== '*' && b.type === '*') return true;
  return a.subtype !== '*' && b.subtype === '*';
}

function covers({ type, subtype }: MediaRange, encoding: Encoding): boolean {
  const mediaType = mediaTypes[encoding];
  if (type === '*') return subtype === '*';
  return subtype === '*' ? mediaType.startsWith(`${type}/`) : mediaType === `${type}/${subtype}`;
}

/**
 * The first test that a request passes, before `negotiate`: is one of the media types named word for word, or anything welcome? Here
 * `application/*` is not, whatever `negotiate` would say.
 */
export function namesAny(header: string | undefined, available: readonly string[]): boolean {
  if (header === undefined || header === '' || available.includes(header)) return true;
  return header.split(',', mostRanges).some((range) => {
    const [name = ''] = range.split(';', 1);
    const mediaType = trimBlanks(name);
    return mediaType === '*/*' || available.includes(mediaType);
  });
}

/** The first representation that the client wants and the route offers; undefined when there is none. */
export function negotiate(header: string | undefined, offer: Offer): Representation | undefined {
  const [preferred] = offer.encodings;
  // Without a header even a route that offers nothing but changed kinds answers in its first encoding.
  if (header === undefined || header === '') {
    return preferred === undefined ? undefined : { encoding: preferred, pretty: false, transform: undefined };
  }
  for (const range of parseAccept(header)) {
    const transform = transformOf(range.parameters);
    const encoding = offer.encodings.find(
      (candidate) =>
        covers(range, candidate) &&
        allowsParameters(range, candidate, offer) &&
        offer.allowsTransform(candidate, transform),
    );
    if (encoding !== undefined) return { encoding, pretty: range.parameters['pretty'] === '1', transform };
  }
  return undefined;
}

function transformOf(parameters: MediaRange['parameters']): Transform | undefined {
  const { as: kind, g: group, v: version } = parameters;
  if (kind === undefined && group === undefined && version === undefined) return undefined;
  return { kind: kind ?? '', group: group ?? '', version: version ?? '' };
}

/** `stream=watch` is accepted wherever the encoding could stream, which says nothing about watches. */
function allowsParameters({ parameters }: MediaRange, encoding: Encoding, { serverVersion }: Offer): boolean {
  const { stream, sv } = parameters;
  if (stream !== undefined && stream !== '' && (stream !== 'watch' || encoding === 'yaml')) return false;
  return sv === undefined || sv === '' || sv === serverVersion;
}

/** What everything is served in that has no kind to be changed into: errors and discovery. */
export const plainOffer: Offer = {
  encodings: ['json', 'yaml', 'protobuf'],
  allowsTransform: (_encoding, transform) => transform === undefined,
};

/** What lists and objects are served in, and can be turned into. A Table has no protobuf form. */
export const objectOffer: Offer = {
  encodings: ['json', 'yaml', 'protobuf'],
  serverVersion: 'v1',
  allowsTransform: (encoding, transform) => {
    if (transform === undefined) return true;
    const { kind, group, version } = transform;
    if (group !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) return false;
    if (kind === 'Table') return encoding !== 'protobuf';
    return kind === 'PartialObjectMetadata' || kind === 'PartialObjectMetadataList';
  },
};

/** Their media types, as errors list them. */
export const plainMediaTypes = plainOffer.encodings.map((encoding) => mediaTypes[encoding]);
