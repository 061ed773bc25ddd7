// Flow: /statusz: what is running and since when, for people; as config.k8s.io Statusz for programs that ask for it.

import type { Clock } from '../lib/clock.ts';
import { formatTimeSeconds } from '../lib/time.ts';
import { namesAny, negotiate, type Offer } from './accept.ts';
import { sendAnswer } from './answer.ts';
import { acceptOf, type Handler, wantsPretty } from './context.ts';
import { documentAnswer } from './document.ts';
import { onlyAccepted, StatusError } from './status.ts';

const mediaTypes = ['application/json', 'application/yaml', 'text/plain'];
const paths = ['/healthz', '/livez', '/metrics', '/readyz', '/version'];

/** The object alone has other forms than text. */
const statuszOffer: Offer = {
  encodings: ['json', 'yaml'],
  allowsTransform: (_encoding, transform) =>
    transform?.kind === 'Statusz' &&
    transform.group === 'config.k8s.io' &&
    (transform.version === 'v1beta1' || transform.version === 'v1alpha1'),
};

/** `name` and `version` are ours. Counts from now on. */
export function createStatusz(clock: Clock, name: string, version: string): Handler {
  const startedAtMs = clock.now();
  const uptimeSeconds = (): number => Math.max(0, Math.floor((clock.now() - startedAtMs) / 1000));
  const startTime = formatTimeSeconds(startedAtMs);
  return async (request, response) => {
    const accept = acceptOf(request);
    const found = negotiate(accept, statuszOffer);
    if (found?.transform === undefined) {
      if (!namesAny(accept, ['text/plain'])) throw new StatusError(onlyAccepted(mediaTypes));
      const lines = [`Started: ${startTime}`, `Up: ${spell(uptimeSeconds())}`, `Binary version: ${version}`];
      const text = `\n${name} statusz\nFor people to read: the form may change.\n\n${lines.join('\n')}\nPaths: ${paths.join(' ')}\n`;
      await sendAnswer(request, response, {
        code: 200,
        contentType: 'text/plain; charset=utf-8',
        body: Buffer.from(text),
      });
      return;
    }
    const apiVersion = `config.k8s.io/${found.transform.version}`;
    const times = { startTime, uptimeSeconds: uptimeSeconds() };
    const json = JSON.stringify({
      kind: 'Statusz',
      apiVersion,
      metadata: { name },
      ...times,
      goVersion: '',
      binaryVersion: version,
      paths,
    });
    const contentType = `application/${found.encoding};g=config.k8s.io;v=${found.transform.version};as=Statusz`;
    const pretty = found.pretty || wantsPretty(request, response.locals.query);
    const document = { json, protobuf: Buffer.alloc(0) };
    await sendAnswer(request, response, documentAnswer(document, { ...found, pretty }, 200, contentType));
  };
}

function spell(seconds: number): string {
  const part = (value: number): string => String(value).padStart(2, '0');
  return `${Math.floor(seconds / 3600)} hr ${part(Math.floor(seconds / 60) % 60)} min ${part(seconds % 60)} sec`;
}
