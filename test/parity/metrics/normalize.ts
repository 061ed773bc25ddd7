// Pure: takes out of an answer what differs between two answers of one and the same metrics-server: the time of the answer, the order of
// containers (that of a map), the port, audit ids. Works on the bytes, so that everything else is compared as it was sent.
import type { Answer } from './ask.ts';

export interface Normal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** One character per byte when it is protobuf. */
  readonly body: string;
}

/** Of the connection, or of how a body was cut into pieces (S27). */
const unimportant = new Set(['date', 'content-length', 'transfer-encoding', 'connection', 'keep-alive']);
/** Of the process, not of the answer. */
const instants = new Set(['last-modified', 'process-start-time-unix']);
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const protobufMagic = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

export interface Origin {
  /** Where the answering program listens. */
  readonly port: number;
  /** That was asked for, without a query. */
  readonly path: string;
}

export function normalize({ status, headers, body }: Answer, { port, path }: Origin): Normal {
  const kept = Object.entries(headers).filter(([name]) => !unimportant.has(name));
  return {
    status,
    headers: Object.fromEntries(
      kept.map(([name, value]) => [name, instants.has(name) ? '<when>' : value.replaceAll(uuid, '<uuid>')]),
    ),
    body:
      status === 200 && path in ofTheProcess
        ? (ofTheProcess[path]?.(body.toString()) ?? '')
        : normalizeBody(body, port),
  };
}

/** Pages that tell of the process; what is comparable of them. */
const ofTheProcess: Readonly<Record<string, (text: string) => string>> = {
  '/metrics': seriesOfTheReference,
  '/statusz': () => '<about the process>',
  '/debug/pprof/': () => '<about the process>',
};

/** The series that dashboards and alerts name, and their types; without values and help. */
function seriesOfTheReference(exposition: string): string {
  const lines = exposition.split('\n').filter((line) => /^(# TYPE )?metrics_server_/.test(line));
  return [...new Set(lines.map((line) => (line.startsWith('#') ? line : seriesName(line))))].toSorted().join('\n');
}

/** Without the value, and with the labels in order: theirs differs from library to library. */
function seriesName(line: string): string {
  const series = line.replace(/ \S+$/, '');
  return series.replace(/\{(.*)\}/, (_all, labels: string) => `{${labels.split(',').toSorted().join(',')}}`);
}

function normalizeBody(body: Buffer, port: number): string {
  const isProtobuf = body.subarray(0, protobufMagic.length).equals(protobufMagic);
  const text = isProtobuf ? sortContainersInProtobuf(body).toString('latin1') : sortContainers(body.toString('utf8'));
  return withoutTimeOfAnswer(text).replaceAll(`:${port}`, ':<port>');
}

/** metadata.creationTimestamp is the second of the answer, in JSON, YAML and protobuf. */
export function withoutTimeOfAnswer(text: string): string {
  return text
    .replaceAll(/("?creationTimestamp"?: ?)"\d{4}-[^"]*Z"/g, '$1"<now>"')
    .replaceAll(creationInProtobuf, '<now>');
}

/** Field 8 of ObjectMeta: a Timestamp of seconds and nanos; one character per byte. */
const creationInProtobuf = new RegExp(String.raw`\x42\x08\x08[\x80-\xff]{4}[\x00-\x7f]\x10\x00`, 'g');

const jsonContainer = String.raw`\{\s*"name":\s*"[^"]*",\s*"usage":\s*\{[^{}]*\}\s*\}`;
const jsonContainers = new RegExp(String.raw`("containers":\s*\[\s*)(${jsonContainer}(?:,\s*${jsonContainer})+)`, 'g');
/** The dash of a list's item tells how deep its keys are. */
const yamlContainers = /(?:^( *)- name: .*\n\1 {2}usage:\n(?:\1 {4}.*\n)+)+/gm;
const yamlContainer = /^( *)- name: .*\n\1 {2}usage:\n(?:\1 {4}.*\n)+/gm;

export function sortContainers(text: string): string {
  return text
    .replaceAll(
      jsonContainers,
      (_all, head: string, list: string) => head + sortPieces(list, new RegExp(jsonContainer, 'g')),
    )
    .replaceAll(yamlContainers, (list) => sortPieces(list, yamlContainer));
}

/** Puts what matches in order, and leaves what is between in its place. */
function sortPieces(text: string, piece: RegExp): string {
  const sorted = [...text.matchAll(piece)].map(([match]) => match).toSorted();
  let next = 0;
  return text.replaceAll(piece, () => sorted[next++] ?? '');
}

interface WireField {
  readonly number: number;
  /** Tag, length and content. */
  readonly bytes: Buffer;
  readonly content: Buffer;
}

/** runtime.Unknown { 1 TypeMeta { 1 apiVersion, 2 kind }, 2 raw } around PodMetrics or PodMetricsList. */
function sortContainersInProtobuf(body: Buffer): Buffer {
  const unknown = wireFields(body.subarray(protobufMagic.length));
  const typeMeta = unknown.find(({ number }) => number === 1)?.content ?? Buffer.alloc(0);
  const kind = wireFields(typeMeta)
    .find(({ number }) => number === 2)
    ?.content.toString();
  const sortRaw = kind === 'PodMetrics' ? sortOfPod : kind === 'PodMetricsList' ? sortOfList : undefined;
  if (sortRaw === undefined) return body;
  return Buffer.concat([
    protobufMagic,
    ...unknown.map((field) => (field.number === 2 ? rewrite(field, sortRaw) : field.bytes)),
  ]);
}

function sortOfList(list: Buffer): Buffer {
  return Buffer.concat(wireFields(list).map((field) => (field.number === 2 ? rewrite(field, sortOfPod) : field.bytes)));
}

/** Containers are field 4 of PodMetrics. */
function sortOfPod(pod: Buffer): Buffer {
  const fields = wireFields(pod);
  const containers = fields.filter(({ number }) => number === 4).map(({ bytes }) => bytes);
  const sorted = containers.toSorted((a, b) => a.compare(b)).values();
  return Buffer.concat(
    fields.map((field) => (field.number === 4 ? (sorted.next().value ?? field.bytes) : field.bytes)),
  );
}

/** The same field with its content in another order, so of the same length. */
function rewrite({ bytes, content }: WireField, change: (content: Buffer) => Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, bytes.length - content.length), change(content)]);
}

function wireFields(message: Buffer): WireField[] {
  const fields: WireField[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message[at++] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const from = at;
    const tag = varint();
    const length = (tag & 7) === 2 ? varint() : (varint(), 0);
    const content = message.subarray(at, at + length);
    at += length;
    fields.push({ number: tag >> 3, bytes: message.subarray(from, at), content });
  }
  return fields;
}
