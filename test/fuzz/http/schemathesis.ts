// Edge: Headroom's OpenAPI documents in the hands of schemathesis, a Python package of PyPI, where it is installed.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tally } from '../tally.ts';
import { host } from '../target.ts';

export interface SchemathesisRun {
  readonly port: number;
  /** Of a user who may read metrics. */
  readonly token: string;
  readonly tally: Tally;
  readonly seed: number;
  /** How long each document is tried. */
  readonly secondsPerDocument: number;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

const command = 'schemathesis';
const documents = ['/openapi/v2', '/openapi/v3/apis/metrics.k8s.io/v1beta1'];
/**
 * What an API without errors of its own can be held to. The documents name 200 and 401 only, as the reference's do, so other codes are no failure, and a parameter
 * that is not understood is ignored.
 */
const checks = ['not_a_server_error', 'response_schema_conformance', 'content_type_conformance'];

/** Leaves it out, and says so, where it is not installed. */
export async function fuzzWithSchemathesis(run: SchemathesisRun): Promise<void> {
  const { code, output: version } = await runToEnd(['--version'], tmpdir(), run.signal);
  if (code !== 0) {
    run.progress('schemathesis is not installed and left out; `pip install schemathesis` brings it');
    return;
  }
  run.progress(`trying the OpenAPI documents with ${version.trim()}`);
  const folder = await mkdtemp(join(tmpdir(), 'headroom-schemathesis-'));
  try {
    for (const document of documents) if (!run.signal.aborted) await tryDocument(run, document, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function tryDocument(run: SchemathesisRun, document: string, folder: string): Promise<void> {
  const { port, token, tally, seed, secondsPerDocument, signal } = run;
  const reportFile = join(folder, 'report.json');
  const { code, output } = await runToEnd(
    [
      'run',
      `https://${host}:${port}${document}`,
      `--url=https://${host}:${port}`,
      '--tls-verify=false',
      `--header=Authorization: Bearer ${token}`,
      `--checks=${checks.join(',')}`,
      `--max-time=${secondsPerDocument}`,
      `--seed=${seed}`,
      '--continue-on-failure',
      '--generation-database=none',
      '--report=json',
      `--report-json-path=${reportFile}`,
      '--no-color',
    ],
    folder,
    signal,
  );
  if (signal.aborted) return;
  const kind = `schemathesis: ${document}`;
  const report = await readReport(reportFile);
  if (report === undefined || report.test_cases.generated === 0) {
    tally.find(kind, `nothing was tried (exit ${code}): ${output.slice(-500)}`);
    return;
  }
  const { generated, with_failures: failed, errored } = report.test_cases;
  tally.add(kind, 'as the document says', generated - failed - errored);
  if (failed > 0) tally.add(kind, 'otherwise', failed);
  if (errored > 0) tally.add(kind, 'could not be tried', errored);
  for (const each of [...report.failures, ...report.errors]) tally.find(kind, JSON.stringify(each).slice(0, 500));
}

/** Of `--report=json`, as far as it is used here. */
interface SchemathesisReport {
  readonly test_cases: { readonly generated: number; readonly with_failures: number; readonly errored: number };
  readonly failures: readonly unknown[];
  readonly errors: readonly unknown[];
}

async function readReport(file: string): Promise<SchemathesisReport | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as SchemathesisReport;
  } catch {
    return undefined;
  }
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Code null: it could not be started, or was ended by the signal. It leaves notes of its own in `cwd`. */
function runToEnd(args: readonly string[], cwd: string, signal: AbortSignal): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(command, [...args], { cwd, signal, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const take = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('error', () => resolve({ code: null, output }));
    child.once('close', (code) => resolve({ code, output }));
  });
}
