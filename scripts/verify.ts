// `npm run verify`: all that can be checked without a cluster, in under a minute. Every check runs; the exit code tells whether all held.
import { checkStep, forwardSignals, type Step } from './steps.ts';

const steps: readonly Step[] = [
  { name: 'types: tsc', command: ['tsc', '--noEmit'] },
  { name: 'format: biome (mend with npm run format:fix)', command: ['biome', 'check', '--linter-enabled=false', '.'] },
  { name: 'lint: oxlint, type-aware', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  {
    name: 'import direction and purity: dependency-cruiser',
    command: ['depcruise', 'src', '--config', '.dependency-cruiser.mjs', '--output-type', 'err-long'],
  },
  { name: 'dead code and dependencies: knip', command: ['knip'] },
  { name: 'unit tests with coverage: mocha, c8', command: ['c8', 'mocha'] },
];

forwardSignals();
const results: boolean[] = [];
for (const step of steps) results.push(await checkStep(step));
const failed = results.filter((ok) => !ok).length;
console.log(failed === 0 ? 'verify: all checks hold' : `verify: ${failed} of ${steps.length} checks failed`);
if (failed > 0) process.exitCode = 1;
