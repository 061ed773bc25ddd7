// Edge: a shell such as a reader of docs/seeds.md sits at, and what they would recognize in its output.
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ControlPlane } from '../cluster/control-plane.ts';
import { runCommand } from '../cluster/processes.ts';
import { seedVariables } from './seed-commands.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const curlStandIn = fileURLToPath(new URL('curl-stand-in.ts', import.meta.url));

export interface Typed {
  /** stdout and stderr, as on a terminal. */
  readonly output: string;
  readonly code: number;
}

export interface SeedShell {
  /** Runs a line of the page, with the variables that it uses. */
  type(line: string, variables?: Readonly<Record<string, string>>): Promise<Typed>;
}

/** The shell has the cluster's kubectl, and a curl even where there is none. */
export async function openSeedShell(controlPlane: ControlPlane): Promise<SeedShell> {
  const first = join(controlPlane.dir, 'shell');
  const last = join(controlPlane.dir, 'shell-fallback');
  await Promise.all([mkdir(first), mkdir(last)]);
  await symlink(controlPlane.binaries.kubectl, join(first, 'kubectl'));
  const curl = join(last, 'curl');
  await writeFile(curl, `#!/bin/sh\nexec '${process.execPath}' '${curlStandIn}' "$@"\n`);
  await chmod(curl, 0o755);
  const env = {
    ...process.env,
    HOME: controlPlane.dir,
    KUBECONFIG: controlPlane.kubeconfigPath,
    PATH: `${first}:${process.env['PATH'] ?? ''}:${last}`,
  };
  return {
    async type(line, variables = {}) {
      const script = `${assignments(line)}\n{ ${line}\n} 2>&1\n`;
      const { stdout, code } = await runCommand(['sh', '-c', script], { cwd: root, env: { ...env, ...variables } });
      return { output: stdout, code };
    },
  };
}

/** The variables of a line, set as the page says. */
function assignments(line: string): string {
  const used = Object.entries(seedVariables).filter(([name]) => new RegExp(`\\$${name}\\b`).test(line));
  return used.map(([name, value]) => `${name}=${value}`).join('\n');
}

/** The first of the expected lines that the output does not show after those before it; undefined when it shows all. */
export function firstUnseen(output: string, expected: readonly string[]): string | undefined {
  const shown = output.split('\n').map(squeeze);
  let from = 0;
  for (const line of expected) {
    const pattern = linePattern(line);
    const at = shown.findIndex((text, index) => index >= from && pattern.test(text));
    if (at === -1) return line;
    from = at + 1;
  }
  return undefined;
}

function linePattern(line: string): RegExp {
  const parts = squeeze(line).split('…');
  return new RegExp(`^${parts.map((part) => RegExp.escape(part)).join('.*')}$`, 'u');
}

function squeeze(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ');
}
