// E2e: `headroom check` as a program, and the real API server and kubectl as its judges: the recorded answers still hold, and what kubectl prints is
// what Headroom prints.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import answers from '../check/answers.json' with { type: 'json' };
import type { ApiAnswer } from '../check/api-answer.ts';
import { comparable } from '../check/checked-answer.ts';
import { type Judges, startJudges } from '../check/judges.ts';
import { manifestCases } from '../check/manifests.ts';
import { eventually } from '../support/cluster-fixture.ts';

const headroom = new URL('../../bin/headroom', import.meta.url).pathname;
const recorded: Readonly<Record<string, ApiAnswer>> = answers;

/** kubectl takes its time, so it is asked about one of each kind. */
const forKubectl: readonly string[] = [
  'a minimal HPA is valid',
  'a spec with nothing in it lacks all that is required',
  'maxReplicas is positive',
  'of several wrong types the first by name is told',
  '1x as a quantity',
  'unknown fields are found everywhere',
  'a label has a key and a value',
  'v1 metrics of every type are converted',
  'everything wrong in both directions',
  'HRA: minReplicas is at most maxReplicas',
  'HRA: unknown fields',
];

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: app, image: none, resources: {requests: {cpu: 1}}}]}
---
`;

function hpa(spec: string, name = 'web', kind = 'Deployment', apiVersion = 'apps/v1'): string {
  const target = `scaleTargetRef: {apiVersion: ${apiVersion}, kind: ${kind}, name: web}`;
  return `apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: ${name}}\nspec: {${target}, maxReplicas: 5${spec}}\n---\n`;
}

/** Admitted, and of no use. The condition is that of kube-controller-manager. */
const senseless: readonly { readonly what: string; readonly manifest: string }[] = [
  {
    what: 'a DaemonSet',
    manifest: `${hpa('', 'web', 'DaemonSet')}${deployment.replace('kind: Deployment', 'kind: DaemonSet')}`,
  },
  { what: 'a kind that does not exist', manifest: hpa('', 'web', 'Deploymnet') },
  { what: 'a group that is gone', manifest: hpa('', 'web', 'Deployment', 'extensions/v1beta1') },
  { what: 'two HPAs on one target', manifest: `${deployment}${hpa('')}${hpa('', 'web2')}` },
  {
    what: 'a target that is switched off',
    manifest: `${deployment.replace('spec:\n', 'spec:\n  replicas: 0\n')}${hpa('')}`,
  },
  {
    what: 'a selector that is none',
    manifest: `${deployment}${hpa(', metrics: [{type: Pods, pods: {metric: {name: qps, selector: {matchExpressions: [{key: a, operator: Is}]}}, target: {type: AverageValue, averageValue: 1}}}]')}`,
  },
  {
    what: 'an Object target whose type and amount do not agree',
    manifest: `${deployment}${hpa(', metrics: [{type: Object, object: {describedObject: {kind: Service, name: web}, metric: {name: qps}, target: {type: Utilization, value: 1}}}]')}`,
  },
];

interface Run {
  readonly code: number;
  readonly stdout: string;
}

function check(...args: readonly string[]): Promise<Run> {
  return new Promise((resolve) => {
    execFile(headroom, ['check', ...args], { maxBuffer: 64 * 1024 * 1024 }, (error, stdout) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout });
    });
  });
}

interface JsonReport {
  readonly autoscalers: readonly {
    readonly answer?: string;
    readonly findings: readonly { readonly field: string; readonly message: string }[];
  }[];
  readonly others: readonly { readonly message: string }[];
}

describe('headroom check next to a real API server', () => {
  let judges: Judges;
  let folder: string;

  before(async function () {
    this.timeout(900_000);
    judges = await startJudges();
    folder = await mkdtemp(join(tmpdir(), 'headroom-check-'));
  });

  after(async () => {
    await judges?.[Symbol.asyncDispose]();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  it('knows answers that the API server still gives', async () => {
    const given = await judges.ask();
    for (const one of manifestCases) {
      expect(comparable(given[one.title] ?? {}, one), one.title).to.deep.equal(
        comparable(recorded[one.title] ?? {}, one),
      );
    }
  });

  for (const { what, manifest } of senseless) {
    it(`warns in the words of the condition that appears: ${what}`, async () => {
      const file = join(folder, 'senseless.yaml');
      await writeFile(file, manifest);
      const own = await check('-o', 'json', file);
      const { autoscalers, others } = JSON.parse(own.stdout) as JsonReport;
      const messages = [...autoscalers.flatMap(({ findings }) => findings), ...others].map(({ message }) => message);
      await judges.usual.kubectl(['apply', '-f', file]);
      // Until the controller has seen all of it, it may say something else; and it lists names in random order.
      await eventually(async () => {
        const { stdout } = await judges.usual.kubectl(['get', 'hpa', 'web', '-o', 'json']);
        const { status } = JSON.parse(stdout) as { status: { conditions?: readonly Condition[] } };
        const said = (status.conditions ?? []).map((one) => `${one.type} ${one.status} ${one.reason}: ${one.message}`);
        if (!said.some((condition) => messages.includes(condition))) throw new Error(said.join('\n'));
        return true;
      });
      await judges.usual.kubectl(['delete', '-f', file]);
      expect(own.code).to.equal(0);
    });
  }

  for (const title of forKubectl) {
    it(`says what kubectl says: ${title}`, async () => {
      const manifest = manifestCases.find((one) => one.title === title)?.manifest ?? '';
      const file = join(folder, 'manifest.yaml');
      await writeFile(file, manifest);
      const kubectl = await judges.usual.kubectl(['create', '--dry-run=server', '-f', file]);
      const own = await check('-o', 'json', file);
      const [autoscaler] = (JSON.parse(own.stdout) as JsonReport).autoscalers;
      const said = [autoscaler?.answer, ...(autoscaler?.findings ?? []).map((one) => `${one.field}: ${one.message}`)];
      const sentences = kubectlSentences(kubectl.stderr);
      expect(own.code).to.equal(kubectl.code);
      expect(sentences.length > 0).to.equal(kubectl.code !== 0);
      expect(said).to.include.members(sentences);
    });
  }
});

/** What kubectl prints of a refusal: the message, or one or several causes. */
function kubectlSentences(stderr: string): string[] {
  const text = stderr.trim();
  const badRequest = /^Error from server \(BadRequest\): error when creating "[^"]+": (.*)$/s.exec(text)?.[1];
  if (badRequest !== undefined) return [badRequest];
  const causes = /^The \w+ "[^"]*" is invalid: ?(.*)$/s.exec(text)?.[1] ?? text;
  return causes
    .split('\n')
    .map((line) => line.replace(/^\* /, '').trim())
    .filter((line) => line !== '');
}
