// Flow: the HTTP surface, in two lanes: short inputs one after the other, and crowds that take their time.
import { Agent, request } from 'node:https';
import { seededRandom } from '../../cluster/sim/random.ts';
import type { Tally } from '../tally.ts';
import { type Caller, headerLines, host, type Target, tlsIdentity } from '../target.ts';
import { type Crowd, heldPlaces, manyConnections, requestFlood, slowBodies, slowHeads, slowReaders } from './crowds.ts';
import { attack } from './h2.ts';
import { http2Attacks } from './h2-attacks.ts';
import { type GeneratedRequest, openApiRequests } from './openapi-requests.ts';
import { sendRaw, sendWithoutTls } from './raw.ts';
import { rawInput } from './raw-inputs.ts';

export interface HttpHalf {
  readonly target: Target;
  readonly tally: Tally;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Of Headroom itself: v2, and v3 of the Metrics API. */
  readonly documents: Parameters<typeof openApiRequests>[0];
}

const documentKind = 'requests from OpenAPI';
const perRound = 60;
const atOnce = 6;

export async function fuzzHttp(half: HttpHalf): Promise<void> {
  await Promise.all([shortInputs(half), crowds(half)]);
}

async function shortInputs(half: HttpHalf): Promise<void> {
  const { target, signal, seed, tally } = half;
  for (let round = 0; !signal.aborted; round++) {
    const caller = target.callers[round % target.callers.length] ?? target.user;
    const dice = seededRandom(seed * 1_000_003 + round);
    await generatedRequests(half, caller, round);
    await inParallel(perRound, signal, () => rawExchange(half, caller, dice));
    await inParallel(10, signal, () => tlsGarbage(half, dice));
    for (const each of http2Attacks(dice, caller.headers ?? {})) {
      if (signal.aborted) return;
      const outcome = await attack(target, caller, each).catch(() => 'no connection');
      tally.add(`HTTP/2: ${each.kind}`, outcome, each.inputs);
    }
  }
}

async function generatedRequests(
  { target, tally, seed, signal, documents }: HttpHalf,
  caller: Caller,
  round: number,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce, rejectUnauthorized: false, ...tlsIdentity(caller) });
  const requests = openApiRequests(documents, seed * 1_000_003 + round, perRound * 3).values();
  await inParallel(perRound * 3, signal, async () => {
    const next = requests.next();
    if (next.done === true) return;
    const status = await ask(target, caller, next.value, agent);
    tally.add(documentKind, status === undefined ? 'no answer' : `${Math.floor(status / 100)}xx`);
    const isAwaited = status === undefined || status < 500 || (status === 504 && next.value.path.includes('timeout='));
    if (!isAwaited)
      tally.find(documentKind, `${status} to ${next.value.method} ${next.value.path.slice(0, 200)} as ${caller.name}`);
  });
  agent.destroy();
}

/** The status of the answer; undefined when there is none. */
function ask(
  target: Target,
  caller: Caller,
  { method, path, headers }: GeneratedRequest,
  agent: Agent,
): Promise<number | undefined> {
  return new Promise((resolve) => {
    const options = {
      host,
      port: target.port,
      method,
      path,
      agent,
      headers: { ...headers, ...caller.headers },
      timeout: 20_000,
    };
    const sent = request(options, (answer) => {
      answer.resume();
      answer.once('close', () => resolve(answer.statusCode));
    });
    sent.on('timeout', () => sent.destroy());
    sent.on('error', () => resolve(undefined));
    sent.end();
  });
}

async function rawExchange({ target, tally }: HttpHalf, caller: Caller, dice: () => number): Promise<void> {
  const raw = rawInput(dice, headerLines(caller));
  try {
    const { statuses, isClosed } = await sendRaw(target, caller, raw);
    const worst = Math.max(0, ...statuses);
    tally.add(raw.kind, worst === 0 ? (isClosed ? 'closed' : 'waits for more') : `${Math.floor(worst / 100)}xx`);
    const isWrong = worst >= 500 || (raw.expect === 'refused' && statuses.some((status) => status < 300));
    if (isWrong)
      tally.find(
        raw.kind,
        `${worst} to ${JSON.stringify(raw.bytes.subarray(0, 200).toString('latin1'))} as ${caller.name}`,
      );
  } catch {
    tally.add(raw.kind, 'no connection');
  }
}

/** A client hello with changed bytes, HTTP in the clear, or noise. */
async function tlsGarbage({ target, tally }: HttpHalf, dice: () => number): Promise<void> {
  const hello = Buffer.from(
    `16030100f4010000f00303${'5a'.repeat(32)}20${'a5'.repeat(32)}0002130100${'ff'.repeat(80)}`,
    'hex',
  );
  const kinds = [
    Buffer.from('GET / HTTP/1.1\r\nHost: h\r\n\r\n'),
    Buffer.from(hello.map((byte) => (dice() < 0.05 ? Math.floor(dice() * 256) : byte))),
    hello.subarray(0, Math.floor(dice() * hello.length)),
    Buffer.from(Array.from({ length: Math.floor(dice() * 2000) }, () => Math.floor(dice() * 256))),
    Buffer.from([0x16, 3, 1, 0xff, 0xff, ...Buffer.alloc(1000)]),
  ];
  const bytes = kinds[Math.floor(dice() * kinds.length)] ?? hello;
  try {
    const { isClosed, statuses } = await sendWithoutTls(target, bytes);
    tally.add('TLS garbage', isClosed ? 'closed' : 'waits for more');
    if (statuses.length > 0) tally.find('TLS garbage', 'HTTP was answered without TLS');
  } catch {
    tally.add('TLS garbage', 'no connection');
  }
}

const inventedToken = (index: number): Record<string, string> => ({
  authorization: `Bearer invented-${Date.now()}-${index}`,
});

async function crowds({ target, tally, signal }: HttpHalf): Promise<void> {
  const [stranger = target.user] = target.callers;
  const crowd = (caller: Caller): Crowd => ({ target, caller, tally, signal });
  const courses: readonly (() => Promise<void>)[] = [
    () => manyConnections(crowd(stranger)),
    () => requestFlood(crowd(target.user), 'request flood as a user', () => ({ ...target.user.headers })),
    () => requestFlood(crowd(stranger), 'request flood without credentials', () => ({})),
    () => requestFlood(crowd(stranger), 'request flood with invented tokens', inventedToken),
    () => heldPlaces(crowd(stranger)),
    () => slowReaders(crowd(target.user)),
    () => slowHeads(crowd(stranger)),
    () => slowBodies(crowd(target.user)),
  ];
  while (!signal.aborted) {
    for (const course of courses) if (!signal.aborted) await course();
  }
}

async function inParallel(count: number, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  let left = count;
  const worker = async (): Promise<void> => {
    for (; left > 0 && !signal.aborted; ) {
      left -= 1;
      await work();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
