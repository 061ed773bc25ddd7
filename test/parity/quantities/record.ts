// Flow: asks a real API server what it makes of the texts of texts.ts and writes its answers to test/lib/vectors/api-server-quantities.json.
// The texts themselves are sent as dry runs only.
import { writeFile } from 'node:fs/promises';
import { KubeConfig } from '@kubernetes/client-node';
import { ApiStatusError } from '../../../src/kube/api-status-error.ts';
import { createApiClient } from '../../../src/kube/client.ts';
import type { ApiClient, ApiRequest } from '../../../src/kube/types.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { until } from '../../support/until.ts';
import { hpaWith, podWith, quotaWith, readRequest, readStatus, statusWith } from './objects.ts';
import { type QuantityText, quantityTexts } from './texts.ts';

/** What the API server said of one text. What is absent is the same as what stands before it, beginning with the text. */
interface Row extends Partial<QuantityText> {
  /** Why no object may hold it; then there is nothing more to say. */
  readonly refused?: string;
  /** As it is served in the status of an HPA, where any quantity may stand. */
  readonly served?: string;
  /** As a pod's request for memory: rounded up to milli-units, or refused because it is negative. */
  readonly request?: string;
  readonly isNegative?: true;
  /** The target of an HPA must be positive. */
  readonly isPositive?: boolean;
  /** Twice the request, as the quota of a namespace counts a pod of two such containers: in canonical form. Absent for negative ones. */
  readonly double?: string;
}

const outFile = new URL('../../lib/vectors/api-server-quantities.json', import.meta.url);
const dryRun = { dryRun: 'All' };
const hpas = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers';

async function main(): Promise<void> {
  await using cluster = await startControlPlane({ controllers: '', progress: (line) => console.error(line) });
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(cluster.kubeconfigPath);
  const options = { kubeConfig, clock: systemClock, logger: silentLogger, userAgent: 'quantities', qps: -1, burst: 1 };
  const api = createApiClient(options);
  try {
    await prepare(api);
    const rows: Row[] = [];
    for (const text of quantityTexts()) rows.push(await ask(api, text));
    await writeFile(outFile, `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`);
    console.error(
      `${rows.length} texts, ${rows.filter(({ refused }) => refused !== undefined).length} of them refused`,
    );
  } finally {
    await api.close();
  }
}

/** An HPA whose status can be written; and a namespace whose quota admits no memory, and says how much was asked for. */
async function prepare(api: ApiClient): Promise<void> {
  const create = (path: string, body: object): Promise<unknown> => api.request({ method: 'POST', path, body });
  await create(hpas, hpaWith('stored', '1'));
  await create('/api/v1/namespaces', { metadata: { name: 'full' } });
  // No controller makes the accounts that pods need, nor the status of the quota.
  for (const namespace of ['default', 'full']) {
    await create(`/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name: 'default' } });
  }
  const quotas = '/api/v1/namespaces/full/resourcequotas';
  await create(quotas, quotaWith('0'));
  await api.request({ method: 'PUT', path: `${quotas}/none/status`, body: quotaWith('0') });
  await until(async () => (await doubleOf(api, '1')) === '2');
}

/** A number as it is written. The compiler's library does not know JSON.rawJSON yet. */
function rawJson(text: string): unknown {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above; the program runs on one version of Node
  return (JSON as JSON & { readonly rawJSON: (text: string) => unknown }).rawJSON(text);
}

async function ask(api: ApiClient, { text, bare }: QuantityText): Promise<Row> {
  const quantity = bare ? rawJson(text) : text;
  const row = { text, ...(bare && { bare }) };
  const put = {
    method: 'PUT',
    path: `${hpas}/stored/status`,
    query: dryRun,
    body: statusWith('stored', quantity),
  } as const;
  const status = await answerTo(api, put);
  if (status instanceof ApiStatusError) return { ...row, refused: status.message };
  const served = readStatus(status);

  const asTarget = await answerTo(api, { method: 'POST', path: hpas, query: dryRun, body: hpaWith('asked', quantity) });
  const request = await requestOf(api, quantity);
  return {
    ...row,
    ...(served !== text && { served }),
    isPositive: isAdmitted(asTarget, 'must be positive'),
    ...(request === undefined ? { isNegative: true } : { request, double: await doubleOf(api, quantity) }),
  };
}

/** undefined: negative. */
async function requestOf(api: ApiClient, quantity: unknown): Promise<string | undefined> {
  const path = '/api/v1/namespaces/default/pods';
  const answer = await answerTo(api, { method: 'POST', path, query: dryRun, body: podWith(quantity) });
  return isAdmitted(answer, 'must be greater than or equal to 0') ? readRequest(answer) : undefined;
}

async function doubleOf(api: ApiClient, quantity: unknown): Promise<string> {
  const path = '/api/v1/namespaces/full/pods';
  const answer = await answerTo(api, { method: 'POST', path, query: dryRun, body: podWith(quantity, quantity) });
  if (!(answer instanceof ApiStatusError)) return '0';
  const double = /exceeded quota: none, requested: requests\.memory=(\S+),/.exec(answer.message)?.[1];
  if (double === undefined) throw answer;
  return double;
}

async function answerTo(api: ApiClient, request: ApiRequest): Promise<unknown> {
  try {
    return await api.request(request);
  } catch (error) {
    if (error instanceof ApiStatusError) return error;
    throw error;
  }
}

/** Throws an answer that is a refusal for another reason. */
function isAdmitted(answer: unknown, refusal: string): boolean {
  if (!(answer instanceof ApiStatusError)) return true;
  if (!answer.message.includes(refusal)) throw answer;
  return false;
}

await main();
