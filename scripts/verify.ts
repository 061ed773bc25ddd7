// `npm run verify`: all that can be checked without a cluster, in under a minute. Every check runs; the exit code tells whether all held.
import { staticChecks } from './checks.ts';
import { MochaRuns } from './mocha-runs.ts';
import { checkStep, forwardSignals, type Step } from './steps.ts';

using mochaRuns = new MochaRuns();
const { args, env } = mochaRuns;
// Half of their time they wait; `npm test` runs them one by one.
const unitTests = ['mocha', '--parallel', '--jobs', '2', ...args];
const tests: readonly Step[] = [{ name: 'unit tests with coverage: mocha, c8', command: ['c8', ...unitTests], env }];

forwardSignals();
// Two lanes: the tests take as long as all other checks together.
const lanes = await Promise.all([runLane(tests), runLane(staticChecks)]);
const failed = lanes.flat().filter((ok) => !ok).length;
console.log(mochaRuns.summary());
console.log(failed === 0 ? 'verify: all checks hold' : `verify: ${failed} checks failed`);
if (failed > 0) process.exitCode = 1;

async function runLane(steps: readonly Step[]): Promise<boolean[]> {
  const results: boolean[] = [];
  for (const step of steps) results.push(await checkStep(step));
  return results;
}
