// Flow: hostile kubelets beside good ones, and the parser itself with more inputs than scrapes could bring.
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { ControlPlane } from '../../cluster/control-plane.ts';
import { seededRandom } from '../../cluster/sim/random.ts';
import type { Tally } from '../tally.ts';
import { kubeletAnswer } from './bodies.ts';
import { startHostileKubelets } from './hostile-kubelets.ts';
import { longBodies, ParserTrial } from './parser-trial.ts';

export interface ParserHalf {
  readonly controlPlane: ControlPlane;
  readonly tally: Tally;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** An exposition of a real kubelet. */
  readonly real: Buffer;
}

const hostileNodes = 60;
const inputsPerTurn = 50;
/** The inputs in this process must not take the machine from the process that is watched. */
const restMs = 100;

export async function fuzzParser(half: ParserHalf): Promise<void> {
  const { controlPlane, tally, seed, signal, real } = half;
  const dice = seededRandom(seed);
  await using _kubelets = await startHostileKubelets({
    controlPlane,
    count: hostileNodes,
    nextAnswer: () => {
      const next = kubeletAnswer(dice, real);
      tally.add(`kubelet: ${next.kind}`, 'sent');
      return next;
    },
    onRedirected: (withToken) => tally.find('kubelet: redirect', `was followed${withToken ? ', with the token' : ''}`),
  });
  await parserAlone(half);
  if (!signal.aborted) await sleep(2 ** 30, undefined, { signal }).catch(() => undefined);
}

/** Every truncation first; then changed and random bodies for the rest of the time. */
async function parserAlone({ tally, seed, signal, real }: ParserHalf): Promise<void> {
  const trial = new ParserTrial(tally, real, seededRandom(seed + 1));
  const inputs = trial.inputs();
  for (const body of longBodies()) {
    trial.time(body);
    await sleep(restMs);
  }
  while (!signal.aborted) {
    for (let left = inputsPerTurn; left > 0; left--) trial.read(inputs.next().value);
    await nextTurn();
    await sleep(restMs);
  }
}
