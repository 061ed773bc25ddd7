import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readConfiguration } from '../cluster/sim/configuration.ts';

describe('the configuration of the simulation’s process', () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sim-'));
    writeFileSync(join(folder, 'load.csv'), 'seconds,cores\n0,1\n30,4\n');
  });

  after(() => rmSync(folder, { recursive: true }));

  function read(configuration: unknown): ReturnType<typeof readConfiguration> {
    const path = join(folder, 'config.json');
    writeFileSync(path, JSON.stringify(configuration));
    return readConfiguration(path);
  }

  const refuses = (configuration: unknown, message: string): void => {
    it(`is refused as ${JSON.stringify(configuration)}`, async () => {
      const refused = await read(configuration).catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(RangeError);
      expect((refused as Error).message).to.include(message);
    });
  };

  const web = { name: 'web', namespace: 'default', selector: { app: 'web' } };

  it('holds options as they stand', async () => {
    const options = { nodeCount: 5, seed: 3, timing: { startDelayMs: 0 }, usage: { noiseRatio: 0.1 } };
    expect(await read(options)).to.deep.equal({ ...options, workloads: [] });
  });

  it('holds workloads, whose demand may be read from a file beside it', async () => {
    const workload = { ...web, cores: { kind: 'file', path: 'load.csv', repeatSeconds: 60 }, bytes: 1e9 };
    const rows = [
      { atSeconds: 0, value: 1 },
      { atSeconds: 30, value: 4 },
    ];
    const { workloads } = await read({ workloads: [workload] });
    expect(workloads).to.deep.equal([{ ...web, cores: { kind: 'trace', rows, repeatSeconds: 60 }, bytes: 1e9 }]);
  });

  refuses([], 'must be an object');
  refuses({ nodes: 5, tpyo: 1 }, 'has unknown fields: nodes, tpyo');
  refuses({ workloads: [{ name: 'web' }] }, 'a workload needs a name and a namespace');
  refuses({ workloads: [{ name: 'web', namespace: 'default' }] }, 'selector of workload web must be an object');
  refuses({ workloads: [{ ...web, cores: { kind: 'file' } }] }, 'demand file needs a path');
  refuses({ workloads: [{ ...web, cores: 'much' }] }, 'a demand is a number or has a kind');
});
