// `npm test`: everything that can be checked here. Static checks and unit tests, then the end-to-end tests on a real control plane.
// Closes with one line of counts over all runs of mocha.
import { staticChecks } from './checks.ts';
import { MochaRuns } from './mocha-runs.ts';
import { forwardSignals, runStep, type Step } from './steps.ts';

using mochaRuns = new MochaRuns();
const { args, env } = mochaRuns;
const minuteMs = 60_000;

const steps: readonly Step[] = [
  ...staticChecks,
  { name: 'unit tests with coverage', command: ['c8', 'mocha', ...args], env },
  { name: 'binaries of the test cluster', command: ['node', 'test/cluster/cli.ts', 'build'], limitMs: 40 * minuteMs },
  {
    name: 'end-to-end tests',
    command: ['mocha', '--config', '.mocharc.e2e.json', ...args],
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
console.log(mochaRuns.summary());
if (failed.length > 0 && process.exitCode === undefined) process.exitCode = 1;
