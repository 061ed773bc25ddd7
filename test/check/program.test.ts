// `bin/headroom check` as a process: exit code, standard output, standard error.
import { spawnSync } from 'node:child_process';
import { expect } from 'chai';

const headroom = new URL('../../bin/headroom', import.meta.url).pathname;
const manifest = `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, maxReplicas: 0}
`;

/** Runs a line of shell in which `$0` is headroom. */
function shell(line: string): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', line, headroom], { input: manifest, encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('headroom check as a process', () => {
  it('reports on standard output and ends with its code', () => {
    const { status, stdout, stderr } = shell('"$0" check -');
    expect({ status, stderr }).to.deep.equal({ status: 1, stderr: '' });
    expect(stdout).to.match(/^<stdin>:4:\d+: error: HorizontalPodAutoscaler default\/web: spec.maxReplicas: /);
  });

  it('complains on standard error', () => {
    const { status, stdout, stderr } = shell('"$0" check --no-such-flag');
    expect({ status, stdout }).to.deep.equal({ status: 2, stdout: '' });
    expect(stderr).to.match(/^headroom check: Unknown option '--no-such-flag'/);
  });

  it('minds no reader that goes away, and keeps its code', () => {
    const { status, stderr } = shell('{ "$0" check -; echo "code $?" >&2; } | true');
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: 'code 1\n' });
  });
}).timeout(60_000);
