// The checks that read the code and run none of it, in the order of what they cost. `npm run verify` and `npm test` both run them.
import type { Step } from './steps.ts';

export const staticChecks: readonly Step[] = [
  { name: 'types: tsc', command: ['tsc', '--noEmit'] },
  { name: 'format: biome (mend with npm run format:fix)', command: ['biome', 'check', '--linter-enabled=false', '.'] },
  { name: 'lint: oxlint, type-aware', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  {
    name: 'import direction and purity: dependency-cruiser',
    command: ['depcruise', 'src', '--config', '.dependency-cruiser.mjs', '--output-type', 'err-long'],
  },
  { name: 'dead code and dependencies: knip', command: ['knip'] },
];
