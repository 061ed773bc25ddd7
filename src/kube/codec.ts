// Pure: the forms in which objects of one kind arrive, and which of them an answer has. Each form is a codec; json-codec.ts is the one that every API server speaks.
import { HeadroomError } from '../lib/errors.ts';

/** What a reflector learns of one object as it came off the wire. */
export type Reading<T> =
  | GoodReading<T>
  /** A bad object, and why. What has a name is known by it, however bad the rest. */
  | { readonly key: string | undefined; readonly problem: unknown };

/** `object` is what is kept of it; undefined: it is not wanted (any more). */
export interface GoodReading<T> {
  readonly key: string;
  readonly object: T | undefined;
}

/** One page of a list. */
export interface Page<T> {
  /** Read as they are asked for, once. */
  readonly items: Iterable<Reading<T>>;
  /** Of the whole list, the same on each page; '' in what is no list. */
  readonly resourceVersion: string;
  /** What to ask for the next page with; '' on the last. */
  readonly continueToken: string;
}

export type WatchEvent<T> =
  /** `resourceVersion` is '' when it could not be read. */
  | {
      readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
      readonly reading: Reading<T>;
      readonly resourceVersion: string;
    }
  | {
      readonly type: 'BOOKMARK';
      /** What came before it in this watch is the whole state: see `initialEventsEnd`. */
      readonly endsInitialEvents: boolean;
      readonly resourceVersion: string;
    };

/** The annotation, with the value "true", of the bookmark behind the initial events of a streaming list (KEP-3157). */
export const initialEventsEnd = 'k8s.io/initial-events-end';

/** Reads the events of one watch. */
export interface EventReader<T> {
  /**
   * The events that this chunk completes. Throws WatchCorrupted when what arrives is no watch, and ApiStatusError for an ERROR event.
   */
  push(chunk: Uint8Array): WatchEvent<T>[];
}

/** One form of the objects of one kind. */
export interface Codec<T> {
  /** As it stands in Accept, and in front of any parameters in Content-Type. */
  readonly mediaType: string;
  /** Throws HeadroomError, or a SyntaxError of JSON, when the body as a whole is damaged. */
  readPage(body: Uint8Array): Page<T>;
  eventReader(): EventReader<T>;
}

/** The codecs that a reflector understands, the one that it likes best in front. */
export type Codecs<T> = readonly [Codec<T>, ...Codec<T>[]];

export function acceptHeader(codecs: Codecs<unknown>): string {
  return codecs.map(({ mediaType }) => mediaType).join(',');
}

/** The codec for what was answered; the last, for a server that says nothing or something else. */
export function codecFor<T>(codecs: Codecs<T>, contentType: string | undefined): Codec<T> {
  const [mediaType] = (contentType ?? '').split(';', 1);
  return codecs.find((codec) => codec.mediaType === mediaType?.trim().toLowerCase()) ?? codecs.at(-1) ?? codecs[0];
}

/** What arrives is no watch. Which change it hid is unknown, so only a new list helps. */
export class WatchCorrupted extends HeadroomError {
  override readonly name = 'WatchCorrupted';

  constructor(message: string) {
    super('OBJECT_INVALID', `the watch is corrupted: ${message}`);
  }
}
