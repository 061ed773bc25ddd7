// Pure: lists and watches as JSON.
import { errorMessage } from '../lib/errors.ts';
import { objectKey } from '../lib/object-key.ts';
import { ApiStatusError, readStatus } from './api-status-error.ts';
import {
  type Codec,
  type EventReader,
  initialEventsEnd,
  type Page,
  type Reading,
  WatchCorrupted,
  type WatchEvent,
} from './codec.ts';
import { LineSplitter } from './line-splitter.ts';
import { arrayOf, fieldsOf, identityOf, textOf } from './raw-object.ts';

/** Keeps what is needed of an object. undefined: it is not wanted (any more). A throw means a bad object. */
export type Projection<T> = (object: unknown) => T | undefined;

export function createJsonCodec<T>(project: Projection<T>): Codec<T> {
  return {
    mediaType: 'application/json',
    readPage: (body) => readPage(body, project),
    eventReader: () => createEventReader(project),
  };
}

function readPage<T>(body: Uint8Array, project: Projection<T>): Page<T> {
  const list = fieldsOf(JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')));
  const metadata = fieldsOf(list['metadata']);
  return {
    items: arrayOf(list['items'])
      .values()
      .map((item) => readObject(item, project)),
    resourceVersion: textOf(metadata['resourceVersion']),
    continueToken: textOf(metadata['continue']),
  };
}

function readObject<T>(object: unknown, project: Projection<T>): Reading<T> {
  let key: string | undefined;
  try {
    const { namespace, name } = identityOf(object);
    key = objectKey(namespace, name);
    return { key, object: project(object) };
  } catch (problem) {
    return { key, problem };
  }
}

function createEventReader<T>(project: Projection<T>): EventReader<T> {
  const splitter = new LineSplitter();
  return { push: (chunk) => splitter.push(chunk).map((line) => readEvent(line, project)) };
}

function readEvent<T>(line: string, project: Projection<T>): WatchEvent<T> {
  const { type, object } = fieldsOf(parseLine(line));
  const metadata = fieldsOf(fieldsOf(object)['metadata']);
  const resourceVersion = textOf(metadata['resourceVersion']);
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type, reading: readObject(object, project), resourceVersion };
    case 'BOOKMARK':
      return {
        type,
        endsInitialEvents: fieldsOf(metadata['annotations'])[initialEventsEnd] === 'true',
        resourceVersion,
      };
    case 'ERROR':
      throw new ApiStatusError(readStatus(object));
    default:
      throw new WatchCorrupted(`an event has the type "${textOf(type)}"`);
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new WatchCorrupted(`a line is not JSON: ${errorMessage(error)}`);
  }
}
