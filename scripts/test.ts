// `npm test`: everything that can be checked here. Static checks and unit tests, then the end-to-end tests on a real control plane.
// Closes with one line of counts over all runs of mocha.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { staticChecks } from './checks.ts';
import { forwardSignals, runStep, type Step } from './steps.ts';

const folder = mkdtempSync(join(tmpdir(), 'headroom-test-'));
const countsFile = join(folder, 'counts');
const env = { HEADROOM_TEST_COUNTS: countsFile };
const minuteMs = 60_000;
const reporter = ['--reporter', 'test/support/counting-reporter.cjs'];

const steps: readonly Step[] = [
  ...staticChecks,
  { name: 'unit tests with coverage', command: ['c8', 'mocha', ...reporter], env },
  { name: 'binaries of the test cluster', command: ['node', 'test/cluster/cli.ts', 'build'], limitMs: 40 * minuteMs },
  {
    name: 'end-to-end tests',
    command: ['mocha', '--config', '.mocharc.e2e.json', ...reporter],
    env,
    limitMs: 50 * minuteMs,
  },
  {
    name: 'the Metrics API beside metrics-server: npm run parity:metrics -- --quick',
    command: ['node', 'test/parity/metrics/main.ts', '--quick'],
    limitMs: 6 * minuteMs,
  },
  {
    name: 'autoscaling beside kube-controller-manager: npm run parity:hpa -- --quick',
    command: ['node', 'test/parity/hpa/main.ts', '--quick'],
    limitMs: 8 * minuteMs,
  },
  {
    name: 'costs beside metrics-server: npm run bench:smoke',
    command: ['node', 'bench/smoke.ts'],
    limitMs: 5 * minuteMs,
  },
];

forwardSignals();
const failed: string[] = [];
for (const step of steps) {
  if (process.exitCode === 130) break;
  if (!(await runStep(step))) failed.push(step.name);
}
for (const name of failed) console.log(`FAILED: ${name}`);
const runs = readRuns(countsFile);
// Again at the end, where somebody who sees only the last lines of a long log finds them.
for (const { title, error } of runs.flatMap((each) => each.failed))
  console.log(`FAILED: ${title}\n${firstLines(error)}`);
console.log(countsLine(runs));
rmSync(folder, { recursive: true, force: true });
if (failed.length > 0 && process.exitCode === undefined) process.exitCode = 1;

/** What test/support/counting-reporter.cjs writes of one run of mocha. */
interface MochaRun {
  readonly passes: number;
  readonly failures: number;
  readonly pending: number;
  readonly failed: readonly { readonly title: string; readonly error: string }[];
}

function countsLine(mochaRuns: readonly MochaRun[]): string {
  const sum = (count: (each: MochaRun) => number): number => mochaRuns.reduce((total, each) => total + count(each), 0);
  return `${sum((each) => each.passes)} passed, ${sum((each) => each.failures)} failed, ${sum((each) => each.pending)} skipped`;
}

function firstLines(text: string): string {
  return text
    .split('\n')
    .slice(0, 12)
    .map((line) => `  ${line}`)
    .join('\n');
}

function readRuns(file: string): readonly MochaRun[] {
  try {
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    return lines.map((line) => JSON.parse(line) as MochaRun);
  } catch {
    return [];
  }
}
