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

const headroom = new URL('../../bin/headroom', import.meta.url).pathname;
const recorded: Readonly<Record<string, ApiAnswer>> = answers;

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function check(...args: readonly string[]): Promise<Run> {
  return new Promise((resolve) => {
    execFile(headroom, ['check', ...args], { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

interface JsonReport {
  readonly autoscalers: readonly {
    readonly file: string;
    readonly valid: boolean;
    readonly answer?: string;
    readonly findings: readonly { readonly severity: string; readonly field: string; readonly message: string }[];
  }[];
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

  it('says what kubectl create --dry-run=server says, and its exit code is that of kubectl', async () => {
    // kubectl turns YAML into JSON itself, and loses repeated keys on the way; a missing namespace is another error there.
    const cases = manifestCases.filter(({ title, manifest, scaleToZero, anyOrder }) => {
      const isYaml = !manifest.startsWith('{') && !/repeated|stands once|merges/.test(title);
      return (
        isYaml && scaleToZero !== true && anyOrder !== true && manifest.length < 100_000 && !/namespace/.test(title)
      );
    });
    for (const { title, manifest } of cases) {
      const file = join(folder, 'case.yaml');
      await writeFile(file, manifest);
      const kubectl = await judges.usual.kubectl(['create', '--dry-run=server', '-f', file]);
      const own = await check('-o', 'json', file);
      expect(own.code, title).to.equal(kubectl.code);
      const [autoscaler] = (JSON.parse(own.stdout) as JsonReport).autoscalers;
      expect(autoscaler?.valid, title).to.equal(kubectl.code === 0);
      for (const sentence of kubectlSentences(kubectl.stderr)) {
        const said = [
          autoscaler?.answer ?? '',
          ...(autoscaler?.findings ?? []).map((one) => `${one.field}: ${one.message}`),
        ];
        expect(said, title).to.include(sentence);
      }
    }
    expect(cases.length).to.be.greaterThan(150);
  }).timeout(600_000);
});

/** What kubectl prints of a refusal: the message, or a list of causes. */
function kubectlSentences(stderr: string): string[] {
  const text = stderr.trim();
  if (text === '') return [];
  const badRequest = /^Error from server \(BadRequest\): error when creating "[^"]+": (.*)$/s.exec(text);
  if (badRequest?.[1] !== undefined) return [badRequest[1]];
  const [, causes = ''] = /^The \w+ "[^"]*" is invalid: ?(.*)$/s.exec(text) ?? [];
  return causes
    .split('\n')
    .map((line) => line.replace(/^\* /, '').trim())
    .filter((line) => line !== '');
}
