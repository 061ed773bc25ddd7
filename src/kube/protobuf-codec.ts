// Pure: lists and watches as protobuf, in the envelopes that Kubernetes puts around its messages. docs/adr/0005-pods-as-protobuf.md says what for.
import { HeadroomError } from '../lib/errors.ts';
import { ApiStatusError, type StatusBody } from './api-status-error.ts';
import { type Codec, initialEventsEnd, type Page, type Reading, WatchCorrupted, type WatchEvent } from './codec.ts';
import { FrameSplitter } from './frame-splitter.ts';
import { ProtobufError, ProtobufReader } from './protobuf-reader.ts';
import { readStatusMessage } from './protobuf-status.ts';

export const protobufMediaType = 'application/vnd.kubernetes.protobuf';

/** In front of every object: `k8s` and a zero byte (apimachinery pkg/runtime/serializer/protobuf). */
const magic = Buffer.from('k8s\0', 'latin1');
const nothing = Buffer.alloc(0);

// Field numbers: apimachinery pkg/runtime/generated.proto and pkg/apis/meta/v1/generated.proto.
const unknownFields = { typeMeta: 1, raw: 2 } as const;
const typeMetaFields = { kind: 2 } as const;
const rawExtensionFields = { raw: 1 } as const;
const watchEventFields = { type: 1, object: 2 } as const;
/** All lists have the same two fields, and all objects begin alike. */
const listFields = { metadata: 1, items: 2 } as const;
const listMetaFields = { resourceVersion: 2, continue: 3 } as const;
const objectFields = { metadata: 1 } as const;
const objectMetaFields = { resourceVersion: 6, annotations: 12 } as const;
const mapEntryFields = { key: 1, value: 2 } as const;

/** `read` never throws: what is wrong with an object is a part of its reading. */
export interface ProtobufCodecOptions<T> {
  /** `Pod`. */
  readonly kind: string;
  readonly read: (object: ProtobufReader) => Reading<T>;
}

export function createProtobufCodec<T>(options: ProtobufCodecOptions<T>): Codec<T> {
  return {
    mediaType: protobufMediaType,
    readPage: (body) => readPage(body, options),
    eventReader: () => {
      const splitter = new FrameSplitter();
      return { push: (chunk) => splitter.push(chunk).map((frame) => readEvent(frame, options)) };
    },
  };
}

/** The Status in the body of an answer; undefined when it is none. */
export function statusOfProtobuf(body: Uint8Array): StatusBody | undefined {
  try {
    const { kind, object } = openEnvelope(bufferOf(body));
    return kind === 'Status' ? readStatusMessage(object) : undefined;
  } catch (error) {
    if (error instanceof ProtobufError) return undefined;
    throw error;
  }
}

function readPage<T>(body: Uint8Array, { kind, read }: ProtobufCodecOptions<T>): Page<T> {
  const { kind: listKind, object: list } = openEnvelope(bufferOf(body));
  if (listKind !== `${kind}List`)
    throw new HeadroomError('OBJECT_INVALID', `the answer is no ${kind}List: ${listKind}`);
  let resourceVersion = '';
  let continueToken = '';
  while (list.next()) {
    if (list.field !== listFields.metadata) {
      list.skip();
      continue;
    }
    for (const metadata = list.message(); metadata.next(); ) {
      if (metadata.field === listMetaFields.resourceVersion) resourceVersion = metadata.text();
      else if (metadata.field === listMetaFields.continue) continueToken = metadata.text();
      else metadata.skip();
    }
  }
  return { items: itemsOf(list.again(), read), resourceVersion, continueToken };
}

function* itemsOf<T>(list: ProtobufReader, read: (object: ProtobufReader) => Reading<T>): Generator<Reading<T>> {
  while (list.next()) {
    if (list.field === listFields.items) yield read(list.message());
    else list.skip();
  }
}

function readEvent<T>(frame: Buffer, options: ProtobufCodecOptions<T>): WatchEvent<T> {
  try {
    return openEvent(frame, options);
  } catch (error) {
    // Whose change it is cannot be known.
    if (error instanceof ProtobufError) throw new WatchCorrupted(error.message);
    throw error;
  }
}

function openEvent<T>(frame: Buffer, { kind, read }: ProtobufCodecOptions<T>): WatchEvent<T> {
  const { type, object: bytes } = readWatchEvent(frame);
  const { kind: objectKind, object } = openEnvelope(bytes);
  if (type === 'ERROR') throw new ApiStatusError(readStatusMessage(object));
  if (objectKind !== kind) throw new WatchCorrupted(`an event is about the kind "${objectKind}"`);
  const resourceVersion = resourceVersionOf(object.again());
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type, reading: read(object), resourceVersion };
    case 'BOOKMARK':
      return { type, endsInitialEvents: endsInitialEvents(object), resourceVersion };
    default:
      throw new WatchCorrupted(`an event has the type "${type}"`);
  }
}

/** metav1.WatchEvent, which comes without an envelope of its own. */
function readWatchEvent(frame: Buffer): { readonly type: string; readonly object: Buffer } {
  let type = '';
  let object: Buffer = nothing;
  for (const event = new ProtobufReader(frame); event.next(); ) {
    if (event.field === watchEventFields.type) type = event.text();
    else if (event.field === watchEventFields.object) object = readRawExtension(event.message());
    else event.skip();
  }
  return { type, object };
}

function readRawExtension(extension: ProtobufReader): Buffer {
  let raw: Buffer = nothing;
  while (extension.next()) {
    if (extension.field === rawExtensionFields.raw) raw = extension.bytes();
    else extension.skip();
  }
  return raw;
}

/** runtime.Unknown behind the magic bytes: of which kind an object is, and the object. */
function openEnvelope(bytes: Buffer): { readonly kind: string; readonly object: ProtobufReader } {
  if (!bytes.subarray(0, magic.length).equals(magic))
    throw new ProtobufError('it does not begin with "k8s" and a zero');
  let kind = '';
  let object = new ProtobufReader(bytes, bytes.length);
  for (const unknown = new ProtobufReader(bytes, magic.length); unknown.next(); ) {
    if (unknown.field === unknownFields.typeMeta) kind = kindOf(unknown.message());
    else if (unknown.field === unknownFields.raw) object = unknown.message();
    else unknown.skip();
  }
  return { kind, object };
}

function kindOf(typeMeta: ProtobufReader): string {
  let kind = '';
  while (typeMeta.next()) {
    if (typeMeta.field === typeMetaFields.kind) kind = typeMeta.text();
    else typeMeta.skip();
  }
  return kind;
}

/** '' when the object is too bad to tell: then it is skipped, and the next event says where the watch is. */
function resourceVersionOf(object: ProtobufReader): string {
  try {
    while (object.next()) {
      if (object.field === objectFields.metadata) return resourceVersionIn(object.message());
      object.skip();
    }
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error;
  }
  return '';
}

function resourceVersionIn(metadata: ProtobufReader): string {
  while (metadata.next()) {
    if (metadata.field === objectMetaFields.resourceVersion) return metadata.text();
    metadata.skip();
  }
  return '';
}

function endsInitialEvents(object: ProtobufReader): boolean {
  let isEnd = false;
  while (object.next()) {
    if (object.field !== objectFields.metadata) {
      object.skip();
      continue;
    }
    for (const metadata = object.message(); metadata.next(); ) {
      if (metadata.field === objectMetaFields.annotations) isEnd ||= isInitialEventsEnd(metadata.message());
      else metadata.skip();
    }
  }
  return isEnd;
}

function isInitialEventsEnd(annotation: ProtobufReader): boolean {
  let key = '';
  let value = '';
  while (annotation.next()) {
    if (annotation.field === mapEntryFields.key) key = annotation.text();
    else if (annotation.field === mapEntryFields.value) value = annotation.text();
    else annotation.skip();
  }
  return key === initialEventsEnd && value === 'true';
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
