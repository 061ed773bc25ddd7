// Flow: what was asked for, in the form that was asked for: JSON, YAML, protobuf, Table, metadata only.
import { mediaTypes, type Representation } from './accept.ts';
import type { Answer } from './answer.ts';
import { JsonIndenter } from './go-json.ts';
import { encodePartialObject, jsonStamp, type ListFrame, listFrame, withTypeJson } from './json-encoder.ts';
import type { MetricsObject } from './metrics-object.ts';
import { envelope, wrap } from './protobuf.ts';
import { asListItem, encodePartial, listHead, protobufStamp } from './protobuf-encoder.ts';
import type { RenderCache } from './render-cache.ts';
import { metricsGroup, metricsVersion } from './request-info.ts';
import { concatenate, type StampedBytes, withStamp } from './stamped-bytes.ts';
import { badRequest, StatusError, wrongPartialObject } from './status.ts';
import { emptyTable, encodeRow, type IncludeObject, tableFrame } from './table-encoder.ts';
import { jsonToYaml } from './yaml.ts';
import { yamlList } from './yaml-list.ts';

export interface RenderOptions {
  readonly cache: RenderCache;
  readonly representation: Representation;
  /** `includeObject` of a Table. */
  readonly includeObject: string;
  /** Becomes metadata.creationTimestamp of every item. */
  readonly nowMs: number;
}

const apiVersion = `${metricsGroup}/${metricsVersion}`;
const comma = Buffer.from(',');
const newline = Buffer.from('\n');
const nothing = Buffer.alloc(0);

/** A LIST. Throws StatusError when it cannot be turned into what was asked for. */
export function listAnswer(
  kind: MetricsObject['kind'],
  objects: Iterable<MetricsObject>,
  options: RenderOptions,
): Answer {
  const { representation, cache } = options;
  if (representation.transform?.kind === 'PartialObjectMetadata')
    throw new StatusError(wrongPartialObject(false, kind));
  if (representation.encoding === 'protobuf') return protobufList(kind, objects, options);
  if (representation.transform?.kind === 'Table') return tableAnswer(objects, options);
  if (representation.transform !== undefined) return partialList(objects, options);
  const items = map(objects, (object) => cache.json(object));
  return textList(items, listFrame(`${kind}List`, apiVersion), options);
}

/** A GET. Throws StatusError when it cannot be turned into what was asked for. */
export function objectAnswer(object: MetricsObject, options: RenderOptions): Answer {
  const { representation, cache, nowMs } = options;
  if (representation.transform?.kind === 'Table') return tableAnswer([object], options);
  if (representation.transform?.kind === 'PartialObjectMetadataList') {
    throw new StatusError(wrongPartialObject(true, object.kind));
  }
  const isPartial = representation.transform?.kind === 'PartialObjectMetadata';
  if (representation.encoding === 'protobuf') {
    const body = withStamp(isPartial ? encodePartial(object.identity) : cache.protobuf(object), protobufStamp(nowMs));
    return isPartial
      ? protobufAnswer(wrap(metaVersion(representation), 'PartialObjectMetadata', body))
      : protobufAnswer(wrap(apiVersion, object.kind, body));
  }
  const encoded = isPartial
    ? encodePartialObject(object.identity, metaVersion(representation))
    : withTypeJson(object.kind, apiVersion, cache.json(object));
  return textAnswer(withStamp(encoded, jsonStamp(nowMs)), representation);
}

function tableAnswer(objects: Iterable<MetricsObject>, options: RenderOptions): Answer {
  const version = metaVersion(options.representation);
  const include = includeOf(options.includeObject);
  const rows = peek(map(objects, (object) => encodeRow(object, include, version, apiVersion)));
  if (rows === undefined) return textAnswer(emptyTable(version), options.representation);
  return textList(rows, tableFrame(version), options);
}

/** An empty list of metadata has null for items. */
function partialList(objects: Iterable<MetricsObject>, options: RenderOptions): Answer {
  const version = metaVersion(options.representation);
  const items = peek(map(objects, ({ identity }) => encodePartialObject(identity, version)));
  if (items !== undefined) return textList(items, listFrame('PartialObjectMetadataList', version), options);
  const empty = `{"kind":"PartialObjectMetadataList","apiVersion":"${version}","metadata":{},"items":null}`;
  return textAnswer(Buffer.from(empty, 'latin1'), options.representation);
}

function textList(items: Iterable<StampedBytes>, frame: ListFrame, { representation, nowMs }: RenderOptions): Answer {
  const stamp = jsonStamp(nowMs);
  if (representation.encoding === 'yaml') return yamlAnswer(yamlList(items, frame, stamp));
  return jsonAnswer(concatenate(items, { ...frame, separator: comma, stamp }), representation);
}

/** `json` is compact. */
function textAnswer(json: Buffer, representation: Representation): Answer {
  if (representation.encoding === 'yaml') return yamlAnswer(Buffer.from(jsonToYaml(json.toString('utf8'))));
  return jsonAnswer([json], representation);
}

/** The length of a protobuf list stands before it, so its items are gathered first; they are shared with the cache, not copied. */
function protobufList(kind: MetricsObject['kind'], objects: Iterable<MetricsObject>, options: RenderOptions): Answer {
  const { representation, cache, nowMs } = options;
  const isPartial = representation.transform !== undefined;
  const items = Array.from(objects, (object) =>
    asListItem(isPartial ? encodePartial(object.identity) : cache.protobuf(object)),
  );
  const length = items.reduce((sum, item) => sum + item.bytes.length, listHead.length);
  const { prefix, suffix } = isPartial
    ? envelope(metaVersion(representation), 'PartialObjectMetadataList', length)
    : envelope(apiVersion, `${kind}List`, length);
  const stamp = protobufStamp(nowMs);
  const frame = { prefix: Buffer.concat([prefix, listHead]), separator: nothing, suffix, stamp };
  return protobufAnswer(concatenate(items, frame));
}

function metaVersion({ transform }: Representation): string {
  return `meta.k8s.io/${transform?.version ?? 'v1'}`;
}

function includeOf(text: string): IncludeObject {
  switch (text) {
    case '':
    case 'Metadata':
      return 'Metadata';
    case 'Object':
    case 'None':
      return text;
    default: {
      const rule = "must be 'Metadata', 'Object', 'None', or empty";
      const message = `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(text)}: ${rule}`;
      throw new StatusError(badRequest(message));
    }
  }
}

function protobufAnswer(body: Answer['body']): Answer {
  return { code: 200, contentType: mediaTypes.protobuf, body };
}

function yamlAnswer(body: Answer['body']): Answer {
  return { code: 200, contentType: mediaTypes.yaml, body };
}

function jsonAnswer(body: Iterable<Buffer>, { pretty }: Representation): Answer {
  return { code: 200, contentType: mediaTypes.json, body: pretty ? indented(body) : withNewline(body) };
}

function* indented(body: Iterable<Buffer>): Generator<Buffer> {
  const indenter = new JsonIndenter();
  for (const chunk of body) yield indenter.indent(chunk);
}

/** Compact JSON ends with a newline, indented JSON does not. */
function* withNewline(body: Iterable<Buffer>): Generator<Buffer> {
  yield* body;
  yield newline;
}

function* map<T, U>(items: Iterable<T>, convert: (item: T) => U): Generator<U> {
  for (const item of items) yield convert(item);
}

/** The same items; undefined when there are none. */
function peek<T>(items: Iterable<T>): Iterable<T> | undefined {
  const iterator = items[Symbol.iterator]();
  const first = iterator.next();
  if (first.done === true) return undefined;
  return (function* () {
    yield first.value;
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) yield next.value;
  })();
}
