// Flow: one parser after the other reads what no kubelet should say; none may throw, or read a known node otherwise than a new one.
import { isDeepStrictEqual } from 'node:util';
import { ScrapeReader, scraped } from '../../support/scraped.ts';
import { parseAtMostMs } from '../bounds.ts';
import type { Tally } from '../tally.ts';
import { mutate, randomBytes } from './bodies.ts';

export interface ParserInput {
  readonly kind: string;
  readonly bytes: Buffer;
}

/** The largest body that is read. */
const largestBytes = 8_388_608;

export class ParserTrial {
  readonly #tally: Tally;
  readonly #real: Buffer;
  readonly #dice: () => number;

  constructor(tally: Tally, real: Buffer, dice: () => number) {
    this.#tally = tally;
    this.#real = real;
    this.#dice = dice;
  }

  /** Every truncation, then changed and random bodies without end. */
  *inputs(): Generator<ParserInput, never> {
    for (let end = 0; end <= this.#real.length; end++) {
      yield { kind: 'parser: every truncation', bytes: this.#real.subarray(0, end) };
    }
    for (;;) {
      yield { kind: 'parser: changed exposition', bytes: mutate(this.#dice, this.#real) };
      yield { kind: 'parser: random bytes', bytes: randomBytes(this.#dice, Math.floor(this.#dice() * 3000)) };
    }
  }

  read({ kind, bytes }: ParserInput): void {
    try {
      const fresh = scraped(bytes);
      const known = new ScrapeReader();
      known.read(this.#real);
      if (!isDeepStrictEqual(known.read(bytes), fresh)) {
        this.#tally.find(kind, `a known node is read differently: ${bytes.toString('base64').slice(0, 300)}`);
      }
      this.#tally.add(kind, fresh.outcome.kind);
    } catch (error) {
      this.#tally.find(kind, `${String(error)}: ${bytes.toString('base64').slice(0, 300)}`);
    }
  }

  /** A body that invites quadratic work. What counts is this thread's own time: the machine may have other things to do. */
  time({ kind, bytes }: ParserInput): void {
    const before = process.threadCpuUsage();
    this.#tally.add(kind, scraped(bytes).outcome.kind);
    const used = process.threadCpuUsage(before);
    const tookMs = (used.user + used.system) / 1000;
    if (tookMs > parseAtMostMs)
      this.#tally.find(kind, `${JSON.stringify(bytes.toString('latin1', 0, 80))}… took ${tookMs.toFixed(0)} ms`);
  }
}

/** Bodies of the largest size, of one repeated piece each. */
export function* longBodies(): Iterable<ParserInput> {
  const family = 'container_cpu_usage_seconds_total';
  const pieces = [
    '{',
    '"',
    '\\',
    ' ',
    '\n',
    '\r',
    '#',
    '1',
    '\0',
    family,
    `${family}{`,
    `${family}{container="`,
    `${family} 1\n`,
    `${family}{a="b",`,
    ',a="',
  ];
  for (const piece of pieces) {
    yield {
      kind: 'parser: 8 MiB of one piece',
      bytes: Buffer.from(`${family}{${piece.repeat(largestBytes / piece.length)}`).subarray(0, largestBytes),
    };
    yield { kind: 'parser: 8 MiB of one piece', bytes: Buffer.from(piece.repeat(largestBytes / piece.length)) };
  }
}
