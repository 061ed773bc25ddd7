// Pure: bytes that are not quite HTTP/1.1 requests, or rather more than one.

export interface RawInput {
  readonly kind: string;
  readonly bytes: Buffer;
  /** `refused`: a 2xx would be wrong. */
  readonly expect: 'refused' | 'anything';
  /** Ours is closed behind the bytes, and we wait for answers. */
  readonly halfClose: boolean;
}

export type Dice = () => number;

const list = '/apis/metrics.k8s.io/v1beta1/pods';
const good = (headers: string): string => `GET ${list} HTTP/1.1\r\nHost: h\r\n${headers}`;

/** One input; the same dice give the same one. `headers` are the caller's own, each line with its end. */
export function rawInput(dice: Dice, headers: string): RawInput {
  const makers = [
    truncated,
    garbled,
    badRequestLine,
    headWithoutEnd,
    hugeHeader,
    manyHeaders,
    hugeTarget,
    badChunks,
    pipelined,
    nulBytes,
    conflictingLengths,
    upgrade,
    oddTarget,
    noise,
  ];
  const make = makers[Math.floor(dice() * makers.length)] ?? noise;
  return make(dice, headers);
}

function input(kind: string, bytes: string | Buffer, expect: RawInput['expect'], dice: Dice): RawInput {
  return {
    kind,
    bytes: typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes,
    expect,
    halfClose: dice() < 0.5,
  };
}

function pick<T>(dice: Dice, items: readonly [T, ...T[]]): T {
  return items[Math.floor(dice() * items.length)] ?? items[0];
}

function truncated(dice: Dice, headers: string): RawInput {
  const whole = `${good(headers)}\r\n`;
  return input('request cut short', whole.slice(0, Math.floor(dice() * (whole.length - 1))), 'refused', dice);
}

function garbled(dice: Dice, headers: string): RawInput {
  const bytes = Buffer.from(`${good(headers)}\r\n`, 'latin1');
  for (let left = 1 + Math.floor(dice() * 8); left > 0; left--)
    bytes[Math.floor(dice() * bytes.length)] = Math.floor(dice() * 256);
  return input('request with changed bytes', bytes, 'anything', dice);
}

function badRequestLine(dice: Dice, headers: string): RawInput {
  const line = pick(dice, [
    'GET',
    'GET / HTTP/9.9',
    'GET / HTTP/1.1 extra',
    ' / HTTP/1.1',
    'get / http/1.1',
    `${'A'.repeat(10_000)} / HTTP/1.1`,
    'GET\t/\tHTTP/1.1',
    'PRI * HTTP/2.0',
    'CONNECT x HTTP/1.1',
    'GET /\n HTTP/1.1',
  ]);
  return input('bad request line', `${line}\r\nHost: h\r\n${headers}\r\n`, 'refused', dice);
}

function headWithoutEnd(dice: Dice, headers: string): RawInput {
  const filler = 'X-Filler: 0123456789\r\n'.repeat(Math.floor(dice() * 2000));
  return input('head without an end', `${good(headers)}${filler}`, 'refused', dice);
}

function hugeHeader(dice: Dice, headers: string): RawInput {
  const bytes = pick(dice, [100_000, 1_000_000, 1_100_000, 4_000_000]);
  const value = 'v'.repeat(bytes);
  const name = pick(dice, [
    'X-Large',
    'Authorization',
    'Accept',
    'Cookie',
    'Accept-Encoding',
    'Impersonate-User',
    'X-Remote-Group',
  ]);
  return input('huge header', `${good(headers)}${name}: ${value}\r\n\r\n`, 'anything', dice);
}

function manyHeaders(dice: Dice, headers: string): RawInput {
  const count = pick(dice, [1_000, 20_000, 60_000]);
  const name = pick(dice, [
    'X-Remote-Group',
    'Accept',
    'Impersonate-Group',
    'A',
    'Audit-Id',
    'constructor',
    '__proto__',
  ]);
  return input('many headers', `${good(headers)}${`${name}: v\r\n`.repeat(count)}\r\n`, 'anything', dice);
}

function hugeTarget(dice: Dice, headers: string): RawInput {
  const bytes = pick(dice, [10_000, 500_000, 2_000_000]);
  const part = pick(dice, ['a', '/a', '%41', '&a=b', '?', '/../', '%', ',a']);
  const path = `${list}${pick(dice, ['/', '?', '?labelSelector=', '?fieldSelector='])}${part.repeat(bytes / part.length)}`;
  return input('huge target', `GET ${path} HTTP/1.1\r\nHost: h\r\n${headers}\r\n`, 'anything', dice);
}

function badChunks(dice: Dice, headers: string): RawInput {
  const body = pick(dice, [
    'zz\r\nab\r\n0\r\n\r\n',
    'ffffffffffffffff\r\nab',
    '-1\r\n\r\n',
    '2\r\nabcdef\r\n0\r\n\r\n',
    `2;${'e'.repeat(20_000)}\r\nab\r\n0\r\n\r\n`,
    '1\r\na\r\n'.repeat(20_000),
    '0\r\nTrailer: x\r\n',
    '2\nab\n0\n\n',
  ]);
  const method = pick(dice, ['POST', 'GET', 'PUT']);
  const head = `${method} ${list} HTTP/1.1\r\nHost: h\r\n${headers}Transfer-Encoding: chunked\r\n\r\n`;
  return input('bad chunks', head + body, 'anything', dice);
}

function pipelined(dice: Dice, headers: string): RawInput {
  const count = 2 + Math.floor(dice() * 100);
  return input('pipelined requests', `${good(headers)}\r\n`.repeat(count), 'anything', dice);
}

function nulBytes(dice: Dice, headers: string): RawInput {
  const request = pick(dice, [
    `GET /\0 HTTP/1.1\r\nHost: h\r\n${headers}\r\n`,
    `${good(headers)}X: a\0b\r\n\r\n`,
    `${good(headers)}X\0: b\r\n\r\n`,
    '\0'.repeat(1000),
  ]);
  return input('NUL bytes', request, 'refused', dice);
}

function conflictingLengths(dice: Dice, headers: string): RawInput {
  const lengths = pick(dice, [
    'Content-Length: 5\r\nContent-Length: 6\r\n',
    'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n',
    'Content-Length: -5\r\n',
    'Content-Length: 99999999999999999999\r\n',
    'Transfer-Encoding: gzip\r\n',
    'Content-Length: 5, 5\r\n',
  ]);
  const head = `POST ${list} HTTP/1.1\r\nHost: h\r\n${headers}${lengths}\r\n`;
  return input('conflicting lengths', `${head}hello${good(headers)}\r\n`, 'anything', dice);
}

function upgrade(dice: Dice, headers: string): RawInput {
  const wish = pick(dice, [
    'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: eA==\r\nSec-WebSocket-Version: 13\r\n',
    'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n',
    'Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\n',
    'Expect: 100-continue\r\nContent-Length: 10\r\n',
    'Expect: nonsense\r\n',
  ]);
  return input('upgrades and expectations', `${good(headers)}${wish}\r\n`, 'anything', dice);
}

function oddTarget(dice: Dice, headers: string): RawInput {
  const target = pick(dice, [
    '*',
    '//',
    '//x',
    'http://elsewhere.example/x',
    'http://[::1',
    '/%zz',
    '/%00',
    '/apis/metrics.k8s.io/v1beta1/namespaces/%2e%2e/pods',
    '/apis/metrics.k8s.io/v1beta1/namespaces/%ff/pods/%fe',
    `${list}?watch=1`,
    `${list}?continue=%00&limit=x`,
    `${list}?labelSelector=%`,
    '/metrics',
    '/openapi/v2',
    '/healthz/../metrics',
    '?',
    '/\x7f',
    '/ä',
  ]);
  return input('odd targets', `GET ${target} HTTP/1.1\r\nHost: h\r\n${headers}\r\n`, 'anything', dice);
}

function noise(dice: Dice): RawInput {
  const bytes = Buffer.from(Array.from({ length: Math.floor(dice() * 4000) }, () => Math.floor(dice() * 256)));
  return input('random bytes', bytes, 'refused', dice);
}
