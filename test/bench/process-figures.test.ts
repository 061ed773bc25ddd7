import { expect } from 'chai';
import { cpuSeconds, memoryOf, parseCpuSeconds, parseMemory } from '../../bench/process-figures.ts';

describe('bench/process-figures', () => {
  it('processor time is user and system time, whatever the command is called', () => {
    const stat = '17 (a ) b (c) S 1 17 17 0 -1 4194560 4079 0 0 0 250 75 9 9 20 0 11 0 3350 1090646016 12743';
    expect(parseCpuSeconds(stat)).to.equal(3.25);
  });

  it('a text that is not of /proc/PID/stat is refused', () => {
    expect(() => parseCpuSeconds('17 (node) S 1')).to.throw(RangeError);
  });

  it('memory is VmRSS, VmHWM and VmData, in bytes', () => {
    const status = 'Name:\tnode\nVmHWM:\t   2048 kB\nVmRSS:\t   1024 kB\nVmData:\t   3072 kB\n';
    const expected = { residentBytes: 1_048_576, peakBytes: 2_097_152, allocatedBytes: 3_145_728 };
    expect(parseMemory(status)).to.deep.equal(expected);
  });

  it('a zombie, which has no memory, is refused', () => {
    expect(() => parseMemory('Name:\tnode\nState:\tZ (zombie)\n')).to.throw(/VmRSS/);
  });

  it('the figures of this process make sense', function () {
    if (process.platform !== 'linux') this.skip(); // there is no /proc
    const { residentBytes, peakBytes } = memoryOf(process.pid);
    expect(residentBytes).to.be.within(10e6, peakBytes);
    expect(cpuSeconds(process.pid)).to.be.within(0.01, 3600);
  });
});
