// Pure: what a broken or hostile kubelet may answer to a scrape. Made from a real exposition, or from nothing good at all.
import { gzipSync } from 'node:zlib';

export interface KubeletAnswer {
  readonly kind: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as fast as they are taken. */
  readonly chunks: Iterable<Buffer>;
  /** `end`; `break`: the connection breaks behind the chunks; `hang`: nothing more comes; `trickle`: slowly, and for ever. */
  readonly ending: 'end' | 'break' | 'hang' | 'trickle';
}

type Dice = () => number;

const MiB = 1024 * 1024;
const zeroBomb = gzipSync(Buffer.alloc(100 * MiB));
const series = (index: number): string =>
  `container_memory_working_set_bytes{container="c",namespace="n${index % 100}",pod="p-${index}"} ${index}\n`;

/** One answer; the same dice give the same one. `real` is an exposition of a kubelet. */
export function kubeletAnswer(dice: Dice, real: Buffer): KubeletAnswer {
  const light = [
    cutShort,
    brokenOff,
    mutated,
    mutated,
    noise,
    numbers,
    labels,
    contentType,
    status,
    oddEncoding,
    redirect,
    hang,
    trickle,
  ];
  const heavy = [hundredMegabytes, oneLongLine, bomb, hugeLabel, manySeries, endless];
  const makers = dice() < 0.15 ? heavy : light;
  const make = makers[Math.floor(dice() * makers.length)] ?? noise;
  return make(dice, real);
}

function cutShort(dice: Dice, real: Buffer): KubeletAnswer {
  return { kind: 'exposition cut short', chunks: [real.subarray(0, dice() * real.length)], ending: 'end' };
}

function brokenOff(dice: Dice, real: Buffer): KubeletAnswer {
  const headers = { 'content-length': String(real.length) };
  return {
    kind: 'connection broken in a line',
    headers,
    chunks: [real.subarray(0, dice() * real.length)],
    ending: 'break',
  };
}

/** Bytes changed, taken out and put in; lines twice. */
export function mutate(dice: Dice, real: Buffer): Buffer {
  let bytes = Buffer.from(real);
  for (let left = 1 + Math.floor(dice() * 20); left > 0; left--) {
    const at = Math.floor(dice() * bytes.length);
    const length = Math.floor(dice() * 40);
    const way = Math.floor(dice() * 4);
    if (way === 0) bytes[at] = Math.floor(dice() * 256);
    else if (way === 1) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    else if (way === 2) bytes = Buffer.concat([bytes.subarray(0, at), randomBytes(dice, length), bytes.subarray(at)]);
    else
      bytes = Buffer.concat([
        bytes.subarray(0, at),
        bytes.subarray(dice() * bytes.length, at + 400),
        bytes.subarray(at),
      ]);
  }
  return bytes;
}

export function randomBytes(dice: Dice, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => Math.floor(dice() * 256)));
}

function mutated(dice: Dice, real: Buffer): KubeletAnswer {
  return { kind: 'changed exposition', chunks: [mutate(dice, real)], ending: 'end' };
}

function noise(dice: Dice): KubeletAnswer {
  return { kind: 'random bytes', chunks: [randomBytes(dice, Math.floor(dice() * 20_000))], ending: 'end' };
}

const oddNumbers = [
  'NaN',
  '+Inf',
  '-Inf',
  '-1',
  '1e309',
  '-0',
  '1e-400',
  '9'.repeat(5000),
  '0x1p4',
  '1_000',
  '',
  '.',
  '1e',
  '٣',
];

function numbers(dice: Dice): KubeletAnswer {
  const number = (): string => oddNumbers[Math.floor(dice() * oddNumbers.length)] ?? '';
  const lines = Array.from({ length: 50 }, (_, index) => {
    const family = index % 2 === 0 ? 'container_cpu_usage_seconds_total' : 'container_start_time_seconds';
    return `${family}{container="c",namespace="n",pod="p${index}"} ${number()} ${number()}\n`;
  });
  return { kind: 'odd numbers and times', chunks: [Buffer.from(lines.join(''))], ending: 'end' };
}

function labels(dice: Dice): KubeletAnswer {
  const odd = [
    '',
    '{',
    '}',
    '\\',
    '\\"',
    '\\n',
    '"',
    'a="b"',
    '__proto__',
    'constructor',
    '\u0000',
    '\u{1f600}',
    ',,,',
    '=',
  ];
  const text = (): string => odd[Math.floor(dice() * odd.length)] ?? '';
  const lines = Array.from(
    { length: 50 },
    () =>
      `container_cpu_usage_seconds_total{container="${text()}",namespace="${text()}",pod="${text()}",${text()}} 1 1\n`,
  );
  return { kind: 'odd labels', chunks: [Buffer.from(lines.join(''))], ending: 'end' };
}

function contentType(dice: Dice, real: Buffer): KubeletAnswer {
  const types = [
    'text/html',
    'application/json',
    'application/vnd.google.protobuf; encoding=delimited',
    '',
    'text/plain; charset=utf-16',
  ];
  const type = types[Math.floor(dice() * types.length)] ?? '';
  return { kind: 'wrong content type', headers: { 'content-type': type }, chunks: [real], ending: 'end' };
}

function status(dice: Dice): KubeletAnswer {
  const codes = [204, 205, 206, 304, 400, 401, 403, 404, 418, 429, 500, 503, 599];
  const code = codes[Math.floor(dice() * codes.length)] ?? 500;
  return { kind: 'other status', status: code, chunks: [], ending: 'end' };
}

/** A path that nobody who keeps the token to himself asks for. */
export const redirectPath = '/led-here';

function redirect(dice: Dice): KubeletAnswer {
  const code = [301, 302, 303, 307, 308][Math.floor(dice() * 5)] ?? 302;
  return { kind: 'redirect', status: code, headers: { location: redirectPath }, chunks: [], ending: 'end' };
}

function oddEncoding(dice: Dice, real: Buffer): KubeletAnswer {
  const encodings = ['gzip', 'gzip, gzip', 'br', 'deflate', 'zstd', 'nonsense'];
  const encoding = encodings[Math.floor(dice() * encodings.length)] ?? 'gzip';
  const packed = gzipSync(real);
  const body = dice() < 0.5 ? packed.subarray(0, dice() * packed.length) : real;
  return {
    kind: 'encodings that do not fit',
    headers: { 'content-encoding': encoding },
    chunks: [body],
    ending: 'end',
  };
}

function hang(dice: Dice, real: Buffer): KubeletAnswer {
  return { kind: 'hangs in the body', chunks: [real.subarray(0, dice() * real.length)], ending: 'hang' };
}

function trickle(_: Dice, real: Buffer): KubeletAnswer {
  return { kind: 'trickles', chunks: [real.subarray(0, 100)], ending: 'trickle' };
}

function* times(bytes: Buffer, totalBytes: number): Iterable<Buffer> {
  for (let sent = 0; sent < totalBytes; sent += bytes.length) yield bytes;
}

function hundredMegabytes(): KubeletAnswer {
  return { kind: 'body of 100 MB', chunks: times(Buffer.from(series(1).repeat(600)), 100 * MiB), ending: 'end' };
}

function oneLongLine(): KubeletAnswer {
  return { kind: 'one line of 100 MB', chunks: times(Buffer.alloc(65_536, 'x'), 100 * MiB), ending: 'end' };
}

function bomb(): KubeletAnswer {
  return { kind: 'gzip bomb', headers: { 'content-encoding': 'gzip' }, chunks: [zeroBomb], ending: 'end' };
}

function hugeLabel(dice: Dice): KubeletAnswer {
  const value = 'v'.repeat(MiB);
  const label = ['container', 'pod', 'namespace', 'other'][Math.floor(dice() * 4)] ?? 'pod';
  const line = `container_cpu_usage_seconds_total{container="c",namespace="n",pod="p",${label}="${value}"} 1\n`;
  return {
    kind: 'label values of 1 MB',
    chunks: [Buffer.from(line), Buffer.from(line), Buffer.from(line)],
    ending: 'end',
  };
}

/** More than fit into a body that is read, or just as many as do. */
function manySeries(dice: Dice): KubeletAnswer {
  const count = dice() < 0.5 ? 1_000_000 : 80_000;
  const chunks = function* (): Iterable<Buffer> {
    for (let at = 0; at < count; at += 1000)
      yield Buffer.from(Array.from({ length: 1000 }, (_, index) => series(at + index)).join(''));
  };
  return { kind: count === 80_000 ? '80,000 series' : 'a million series', chunks: chunks(), ending: 'end' };
}

function endless(): KubeletAnswer {
  return {
    kind: 'streams for ever',
    chunks: times(Buffer.from(series(1).repeat(600)), Number.POSITIVE_INFINITY),
    ending: 'end',
  };
}
