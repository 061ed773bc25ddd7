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
];

forwardSignals();
const failed: string[] = [];
for (const step of steps) {
  if (process.exitCode === 130) break;
  if (!(await runStep(step))) failed.push(step.name);
}
for (const name of failed) console.log(`FAILED: ${name}`);
console.log(countsLine());
rmSync(folder, { recursive: true, force: true });
if (failed.length > 0 && process.exitCode === undefined) process.exitCode = 1;

function countsLine(): string {
  const sum = { passes: 0, failures: 0, pending: 0 };
  for (const line of readLines(countsFile)) {
    const counts = JSON.parse(line) as typeof sum;
    sum.passes += counts.passes;
    sum.failures += counts.failures;
    sum.pending += counts.pending;
  }
  return `${sum.passes} passed, ${sum.failures} failed, ${sum.pending} skipped`;
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').trim().split('\n');
  } catch {
    return [];
  }
}
