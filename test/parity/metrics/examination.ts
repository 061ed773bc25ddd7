// Flow: asks both sides the same and keeps what they answered.
import type { ControlPlane } from '../../cluster/control-plane.ts';
import { until } from '../../support/until.ts';
import { accessRequests, aggregatedRequests } from './access-requests.ts';
import { type Answer, Client } from './ask.ts';
import { compareAnswers } from './compare.ts';
import type { Credential } from './credentials.ts';
import { kubectlQuestions, runKubectl } from './kubectl.ts';
import { isOddStep, type World } from './model.ts';
import { type Normal, normalize } from './normalize.ts';
import { optionRequests } from './option-requests.ts';
import { pathRequests } from './path-requests.ts';
import type { Relay } from './relay.ts';
import type { Comparison } from './report.ts';
import { representationRequests } from './representation-requests.ts';
import { administrator, api, getter, type Places, type Request } from './request.ts';
import { missingIn, sentinelsAt } from './sentinels.ts';
import type { Side } from './side.ts';
import { unexplained } from './truth.ts';
import { earlyRequests, itemRequests, listRequests } from './world-requests.ts';

export interface ExaminationDeps {
  readonly world: World;
  readonly sides: readonly [Side, Side];
  readonly controlPlane: ControlPlane;
  readonly relay: Relay;
  readonly credentials: readonly Credential[];
  readonly places: Places;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

const askedAtOnce = 6;
const frontTimeoutMs = 40_000;
const servedTimeoutMs = 120_000;

export class Examination implements Disposable {
  readonly comparisons: Comparison[] = [];
  readonly #deps: ExaminationDeps;
  readonly #clients = new Map<string, Client>();

  constructor(deps: ExaminationDeps) {
    this.#deps = deps;
  }

  /** Resolves when both sides serve what they have read at this step; metrics-server does when the last node of a round has answered. */
  async isServed(step: number): Promise<void> {
    const sentinels = sentinelsAt(this.#deps.world, step);
    const request = getter('settling', this.#admin())(`${api}/pods`);
    for (const side of this.#deps.sides) {
      let missing: readonly string[] = [];
      const isServed = async (): Promise<boolean> => {
        missing = missingIn((await this.#ask(side.port, request, side)).body, sentinels);
        return missing.length === 0;
      };
      await until(isServed, servedTimeoutMs, 200).catch((cause: unknown) => {
        throw new Error(`at step ${step} ${side.name} does not serve ${missing.join(', ')}. Its log:\n${side.log()}`, {
          cause,
        });
      });
    }
  }

  /** Everything that is to be asked at this step. */
  async at(step: number): Promise<void> {
    const { world, places, credentials, progress } = this.#deps;
    const before = this.comparisons.length;
    const admin = this.#admin();
    if (step === 0) await this.#direct(step, earlyRequests(admin, places));
    await this.#direct(step, itemRequests(admin, world));
    this.#checkTruth(step);
    if (isOddStep(step)) await this.#listsShowItems(step);
    else await this.#direct(step, listRequests(admin, world.namespaces));
    if (step === 1) {
      await this.#direct(step, representationRequests(admin, places));
      await this.#direct(step, optionRequests(admin, places));
      await this.#direct(step, pathRequests(admin, places));
      progress(`step ${step}: ${this.comparisons.length - before} answers so far; credentials next`);
      await this.#direct(step, accessRequests(credentials, places));
      progress(`step ${step}: ${this.comparisons.length - before} answers so far; aggregator and kubectl next`);
      await this.#throughTheApiServer(step);
    }
    const added = this.comparisons.slice(before);
    const different = added.filter(({ differences }) => differences.length > 0).length;
    progress(`step ${step}: ${added.length} answers compared, ${different} not the same`);
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients.values()) client[Symbol.dispose]();
  }

  #admin(): Credential {
    const admin = this.#deps.credentials.find(({ name }) => name === administrator);
    if (admin === undefined) throw new Error('BUG: there is no administrator');
    return admin;
  }

  /** Both sides at the same time, some requests at once. */
  async #direct(step: number, requests: readonly Request[]): Promise<void> {
    const [a, b] = this.#deps.sides;
    const left = requests.entries();
    const found: Comparison[] = [];
    const work = async (): Promise<void> => {
      for (const [index, request] of left) {
        const [left_, right] = await Promise.all([this.#ask(a.port, request, a), this.#ask(b.port, request, b)]);
        found[index] = comparisonOf(step, request, left_, right);
      }
    };
    await Promise.all(Array.from({ length: askedAtOnce }, work));
    this.comparisons.push(...found);
  }

  /** What B serves of each pod follows from what was said of it. */
  #checkTruth(step: number): void {
    const items = this.comparisons.filter((one) => one.step === step && one.group === 'items');
    for (const pod of this.#deps.world.pods) {
      const path = `/namespaces/${pod.namespace}/pods/${pod.name}`;
      const item = items.find(({ question }) => question.endsWith(path));
      if (item?.b.status !== 200) continue;
      const wrong = unexplained(pod, step, item.b.body);
      const differences = wrong.map((text) => ({ field: 'usage', a: 'what the kubelet said', b: text }));
      this.comparisons.push({ ...item, group: 'truth', differences });
    }
  }

  /** Where items differ on purpose, lists are compared with the items of their own side: both show the same, in order. */
  async #listsShowItems(step: number): Promise<void> {
    const [request] = listRequests(this.#admin(), []).filter(({ path }) => path.endsWith('/pods'));
    if (request === undefined) throw new Error('BUG: no request for all pods');
    const items = this.comparisons.filter(
      ({ group, question, ...one }) => one.step === step && group === 'items' && question.includes('/pods/'),
    );
    for (const side of this.#deps.sides) {
      const listed = await this.#ask(side.port, request, side);
      const expected = listOf(items.map((item) => (side.name === 'A' ? item.a : item.b)));
      const about = { ...comparisonOf(step, request, listed, listed), question: `all pods of ${side.name}` };
      this.comparisons.push({ ...about, group: 'lists', differences: compareAnswers(expected, listed) });
    }
  }

  /** The API server in front is led to one side after the other. */
  async #throughTheApiServer(step: number): Promise<void> {
    const { sides, credentials, places } = this.#deps;
    const requests = aggregatedRequests(credentials, places);
    const commands = kubectlQuestions(places);
    const [a, b] = [
      await this.#askInFront(sides[0], requests, commands),
      await this.#askInFront(sides[1], requests, commands),
    ];
    for (const [index, request] of requests.entries()) {
      this.comparisons.push(comparisonOf(step, request, at(a.answers, index), at(b.answers, index)));
    }
    for (const [index, args] of commands.entries()) {
      const [left, right] = [at(a.outputs, index), at(b.outputs, index)];
      const about = {
        step,
        group: 'kubectl',
        credential: administrator,
        question: `kubectl ${args.join(' ')}`,
        headers: {},
      };
      this.comparisons.push({ ...about, a: left, b: right, differences: compareAnswers(left, right) });
    }
  }

  async #askInFront(
    side: Side,
    requests: readonly Request[],
    commands: readonly (readonly string[])[],
  ): Promise<{ readonly answers: readonly Normal[]; readonly outputs: readonly Normal[] }> {
    const { relay, controlPlane } = this.#deps;
    await relay.lead(side.port);
    await this.#isInFront();
    const answers: Normal[] = [];
    for (const request of requests) answers.push(await this.#ask(controlPlane.ports.apiServer, request, side));
    return { answers, outputs: await runKubectl(controlPlane, commands, side.name) };
  }

  /** The API server may notice only with its next request that its connections were cut. */
  async #isInFront(): Promise<void> {
    const client = this.#client(this.#deps.controlPlane.ports.apiServer, this.#admin());
    const path = `${api}/nodes`;
    await until(
      async () => (await client.ask({ method: 'GET', path, headers: {} })).status === 200,
      frontTimeoutMs,
      50,
    );
  }

  async #ask(port: number, request: Request, side: Side): Promise<Normal> {
    this.#deps.signal.throwIfAborted();
    const client = this.#client(port, request.credential);
    const headers = { ...request.credential.headers, ...request.headers };
    const answer = await client.ask({ ...request, headers }).catch(noAnswer);
    return normalize(answer, { port: side.port, path: request.path.replace(/\?.*$/, '') });
  }

  #client(port: number, credential: Credential): Client {
    const key = `${port} ${credential.name}`;
    const known = this.#clients.get(key);
    if (known !== undefined) return known;
    const client = new Client(port, credential);
    this.#clients.set(key, client);
    return client;
  }
}

const podHead = '"kind":"PodMetrics","apiVersion":"metrics.k8s.io/v1beta1",';

/** The list that has exactly these objects, those that were found. */
function listOf(objects: readonly { readonly status: number; readonly body: string }[]): Normal {
  const items = objects
    .filter(({ status }) => status === 200)
    .map(({ body }) => ({ text: body.trimEnd().replace(podHead, ''), at: JSON.parse(body) as ListedObject }))
    .toSorted((one, other) => (sortKey(one.at) < sortKey(other.at) ? -1 : 1))
    .map(({ text }) => text);
  const head = '{"kind":"PodMetricsList","apiVersion":"metrics.k8s.io/v1beta1","metadata":{},"items":[';
  const headers = { 'audit-id': '<uuid>', 'cache-control': 'no-cache, private', 'content-type': 'application/json' };
  return { status: 200, headers, body: `${head}${items.join(',')}]}\n` };
}

interface ListedObject {
  readonly metadata: { readonly namespace: string; readonly name: string };
}

/** A blank sorts before all that names may hold. */
function sortKey({ metadata }: ListedObject): string {
  return `${metadata.namespace} ${metadata.name}`;
}

function at(answers: readonly Normal[], index: number): Normal {
  return answers[index] ?? { status: 0, headers: {}, body: 'BUG: not asked' };
}

/** What a client sees of a connection that is cut. */
function noAnswer(error: unknown): Answer {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return { status: 0, headers: {}, body: Buffer.from(code) };
}

function comparisonOf(step: number, request: Request, a: Normal, b: Normal): Comparison {
  const { group, credential, method, path, headers, example } = request;
  return {
    step,
    group,
    credential: credential.name,
    question: `${method} ${path}`.replace(api, 'P'),
    headers,
    ...(example === undefined ? {} : { example }),
    a,
    b,
    differences: compareAnswers(a, b),
  };
}
