// Flow: what was asked for, in the form that was asked for: JSON, YAML, protobuf, Table, metadata only.
import { mediaTypes, type Representation } from './accept.ts';
import type { Answer } from './answer.ts';
import { indentJson, JsonIndenter } from './go-json.ts';
import { encodeList, JsonEncoder, type ListFrame, listFrame } from './json-encoder.ts';
import type { PodListEncoder } from './json-list.ts';
import type { MetricsObject } from './metrics-object.ts';
import { PodWalk } from './pod-walk.ts';
import { wrap } from './protobuf.ts';
import { ProtobufEncoder } from './protobuf-encoder.ts';
import { metricsGroup, metricsVersion } from './request-info.ts';
import { badRequest, StatusError, wrongPartialObject } from './status.ts';
import { emptyTable, encodeRow, type IncludeObject, tableFrame } from './table-encoder.ts';
import { textChunks } from './text-chunks.ts';
import { jsonToYaml } from './yaml.ts';
import { yamlList } from './yaml-list.ts';

export interface RenderOptions {
  readonly representation: Representation;
  /** `includeObject` of a Table. */
  readonly includeObject: string;
  /** Becomes metadata.creationTimestamp of every item. */
  readonly nowMs: number;
  readonly podLists: PodListEncoder;
}

const apiVersion = `${metricsGroup}/${metricsVersion}`;
/** Compact JSON ends with it, indented JSON does not. */
const newline = '\n';

/** A LIST. Throws StatusError when it cannot be turned into what was asked for. */
export async function listAnswer(
  kind: MetricsObject['kind'],
  objects: Iterable<MetricsObject>,
  options: RenderOptions,
): Promise<Answer> {
  const { representation, nowMs, podLists } = options;
  if (representation.transform?.kind === 'PartialObjectMetadata')
    throw new StatusError(wrongPartialObject(false, kind));
  if (representation.encoding === 'protobuf') return protobufList(kind, objects, options);
  if (representation.transform?.kind === 'Table') return tableAnswer(objects, options);
  if (representation.transform !== undefined) return partialList(objects, options);
  const frame = listFrame(`${kind}List`, apiVersion);
  if (objects instanceof PodWalk && representation.encoding === 'json' && !representation.pretty) {
    const body = podLists.encode(objects, nowMs, { ...frame, suffix: frame.suffix + newline });
    return { ...jsonAnswer(body), recycle: (chunk) => podLists.recycle(chunk) };
  }
  const encoder = new JsonEncoder(nowMs);
  return textList({ objects, encode: (object) => encoder.item(object), frame }, options);
}

/** A GET. Throws StatusError when it cannot be turned into what was asked for. */
export function objectAnswer(object: MetricsObject, options: RenderOptions): Answer {
  const { representation, nowMs } = options;
  if (representation.transform?.kind === 'Table') return tableAnswer([object], options);
  if (representation.transform?.kind === 'PartialObjectMetadataList') {
    throw new StatusError(wrongPartialObject(true, object.kind));
  }
  const version = metaVersion(representation);
  const isPartial = representation.transform?.kind === 'PartialObjectMetadata';
  if (representation.encoding === 'protobuf') {
    const encoder = new ProtobufEncoder(nowMs);
    return isPartial
      ? protobufAnswer([wrap(version, 'PartialObjectMetadata', encoder.partialObject(object.identity))])
      : protobufAnswer([wrap(apiVersion, object.kind, encoder.object(object))]);
  }
  const encoder = new JsonEncoder(nowMs);
  const json = isPartial ? encoder.partialObject(object.identity, version) : encoder.object(object, apiVersion);
  return textAnswer(json, representation);
}

function tableAnswer(objects: Iterable<MetricsObject>, options: RenderOptions): Answer {
  const encoder = new JsonEncoder(options.nowMs);
  const version = metaVersion(options.representation);
  const row = { include: includeOf(options.includeObject), apiVersion: version, metricsVersion: apiVersion };
  const some = peek(objects);
  if (some === undefined) return textAnswer(emptyTable(version), options.representation);
  const encode = (object: MetricsObject): string => encodeRow(object, encoder, row);
  return textList({ objects: some, encode, frame: tableFrame(version) }, options);
}

/** An empty list of metadata has null for items. */
function partialList(objects: Iterable<MetricsObject>, options: RenderOptions): Answer {
  const encoder = new JsonEncoder(options.nowMs);
  const version = metaVersion(options.representation);
  const some = peek(objects);
  const encode = ({ identity }: MetricsObject): string => encoder.partialObject(identity, version);
  const frame = listFrame('PartialObjectMetadataList', version);
  if (some !== undefined) return textList({ objects: some, encode, frame }, options);
  const empty = `{"kind":"PartialObjectMetadataList","apiVersion":"${version}","metadata":{},"items":null}`;
  return textAnswer(empty, options.representation);
}

interface TextList {
  readonly objects: Iterable<MetricsObject>;
  /** To compact JSON. */
  readonly encode: (object: MetricsObject) => string;
  readonly frame: ListFrame;
}

function textList({ objects, encode, frame }: TextList, { representation }: RenderOptions): Answer {
  if (representation.encoding === 'yaml') return yamlAnswer(textChunks(yamlList(map(objects, encode), frame)));
  if (representation.pretty) return jsonAnswer(indented(encodeList(objects, encode, frame)));
  return jsonAnswer(encodeList(objects, encode, { ...frame, suffix: frame.suffix + newline }));
}

/** `json` is compact. */
function textAnswer(json: string, representation: Representation): Answer {
  if (representation.encoding === 'yaml') return yamlAnswer(Buffer.from(jsonToYaml(json)));
  return jsonAnswer(Buffer.from(representation.pretty ? indentJson(json) : json + newline));
}

async function protobufList(
  kind: MetricsObject['kind'],
  objects: Iterable<MetricsObject>,
  { representation, nowMs }: RenderOptions,
): Promise<Answer> {
  const encoder = new ProtobufEncoder(nowMs);
  const isPartial = representation.transform !== undefined;
  const pieces = isPartial
    ? encoder.partialList(objects, metaVersion(representation))
    : encoder.list(objects, apiVersion, `${kind}List`);
  return protobufAnswer(await pieces);
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

function jsonAnswer(body: Answer['body']): Answer {
  return { code: 200, contentType: mediaTypes.json, body };
}

function* indented(body: Iterable<Buffer>): Generator<Buffer> {
  const indenter = new JsonIndenter();
  for (const chunk of body) yield indenter.indent(chunk);
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
