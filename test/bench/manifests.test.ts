import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { deploymentArguments, nodeFlags } from '../../bench/manifests.ts';

describe('bench/manifests', () => {
  it('Headroom is measured with the flags of config/, at the resolution of the reference', () => {
    const args = deploymentArguments(readFileSync('config/base/deployment.yaml', 'utf8'));
    expect(args).to.include('--metric-resolution=15s');
    expect(args).to.include('--kubelet-use-node-status-port');
  });

  it('a manifest without arguments is refused', () => {
    expect(() => deploymentArguments('spec: {template: {spec: {containers: [{name: x}]}}}')).to.throw(/arguments/);
  });

  it('Node gets the flags that the image gives it', () => {
    expect(nodeFlags(readFileSync('Dockerfile', 'utf8'))).to.deep.equal(['--max-semi-space-size=8']);
    expect(nodeFlags('ENTRYPOINT ["node", "main.ts"]')).to.deep.equal([]);
    expect(() => nodeFlags('CMD node main.ts')).to.throw('ENTRYPOINT');
  });
});
