// Flow: `npm run mutate`. Changes src/controller/decide in small ways, runs its tests against each, and holds what no test noticed to the
// list in docs/mutation-testing.md. Exit 1: a mutant survived that the list does not explain, or the list explains one that is gone.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readProjectFile } from '../support/markdown.ts';
import { compareSurvivors, describeSurvivors, readExplained, type StrykerReport } from './survivors.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const preload = fileURLToPath(new URL('mocha-12.cjs', import.meta.url));

/** Its exit code. Politely: a run takes all of the machine that nobody else wants. */
function runStryker(): Promise<number> {
  const env = { ...process.env, NODE_OPTIONS: `--require ${preload}` };
  const child = spawn('nice', ['-n', '15', 'stryker', 'run'], { cwd: root, env, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

async function main(): Promise<number> {
  // As when npm calls it: what this project's packages bring is found first.
  const code = await runStryker();
  if (code !== 0) return code;
  const report = JSON.parse(readFileSync(`${root}coverage/mutation/report.json`, 'utf8')) as StrykerReport;
  const explained = readExplained(readProjectFile('docs/mutation-testing.md'));
  const { lines, isExplained } = describeSurvivors(report, compareSurvivors(report, explained));
  for (const line of lines) console.log(line);
  return isExplained ? 0 : 1;
}

process.exitCode = await main();
