// What one body says. Rules 1 and 2 of docs/metrics-math.md; the bodies of metrics-server's behaviour with our improvements.
import { expect } from 'chai';
import { bytes, type ContainerLines, expositionText, kubelet119, kubelet136 } from '../support/exposition-text.ts';
import { type Scraped, type ScrapedContainer, ScrapeReader, scraped } from '../support/scraped.ts';

const labels = '{container="c",namespace="ns",pod="p"}';
const cc = (rest: string): string => `container_cpu_usage_seconds_total${labels} ${rest}`;
const cm = (rest: string): string => `container_memory_working_set_bytes${labels} ${rest}`;
const cs = (rest: string): string => `container_start_time_seconds${labels} ${rest}`;
const nodeLines = ['node_cpu_usage_seconds_total 1 5', 'node_memory_working_set_bytes 2 6'];

const read = (lines: readonly string[]): Scraped => scraped(bytes(lines));

describe('ExpositionParser', () => {
  describe('reads a container', () => {
    const check = (rule: string, lines: string[], expected: ScrapedContainer, badLines = 0): void => {
      it(rule, () => {
        const { outcome, containers } = read(lines);
        expect(containers).to.deep.equal({ 'ns/p/c': expected });
        expect(outcome).to.deep.equal({ kind: 'parsed', badLines, droppedSamples: 0 });
      });
    };
    const both = { cpuNs: 3e9, memoryBytes: 5, timestampMs: 2000 };
    check('from CPU and memory', [cc('4.710169 1000'), cm('1.25e7 2000')], {
      cpuNs: 4_710_169_000,
      memoryBytes: 12_500_000,
      timestampMs: 2000,
    });
    check('with the timestamp of the later line (2.4)', [cm('5 2000'), cc('3 1000')], { ...both, timestampMs: 1000 });
    check('without timestamps, as of the request (2.4)', [cc('3'), cm('5')], { ...both, timestampMs: 99 });
    check('at the last timestamp that there is', [cc('3 9223372036854'), cm('5 9223372036854')], {
      ...both,
      timestampMs: 9_223_372_036_854,
    });
    check('at timestamp 0', [cc('3 0'), cm('5 0')], { ...both, timestampMs: 0 });
    check(
      'with its start time, whose timestamp is ignored',
      [cs('1.7000000001234567e+09 77'), cc('3 1'), cm('5 2000')],
      {
        ...both,
        startNs: 1_700_000_000_123_456_768,
      },
    );
    check('truncating memory', [cc('3 1'), cm('1.9 2000')], { ...both, memoryBytes: 1 });
    check('truncating CPU after the product', [cc('123456789.123456789 5'), cm('5 2000')], {
      ...both,
      cpuNs: 123_456_789_123_456_784,
    });
    check('with no CPU used', [cc('0 5'), cm('5 2000')], { ...both, cpuNs: 0 });
    check('as it stands the last time when it is repeated (1.7)', [cc('1 5'), cm('2 5'), cc('3 6'), cm('4 7')], {
      cpuNs: 3e9,
      memoryBytes: 4,
      timestampMs: 7,
    });
    check(
      'with labels in another order in each family',
      ['container_cpu_usage_seconds_total{pod="p",namespace="ns",container="c"} 3 1', cm('5 2000')],
      both,
    );
    check(
      'with blanks and a trailing comma in the labels',
      ['container_cpu_usage_seconds_total{ container="c", namespace = "ns" ,pod="p", } 3 1', cm('5 2000')],
      both,
    );
    check(
      'with further labels, also such whose name ends in a name we need',
      ['container_cpu_usage_seconds_total{a_pod="zz",container="c",id="{/}",namespace="ns",pod="p"} 3 1', cm('5 2000')],
      both,
    );
    check(
      'with blanks before the name, before the brace and between the parts',
      ['  container_cpu_usage_seconds_total {container="c",namespace="ns",pod="p"}\t3  1 ', cm('5 2000')],
      both,
    );
    check('with CR LF at the ends of lines', [`${cc('3 1')}\r`, `${cm('5 2000')}\r`], both);
    check(
      'amid comments of every kind',
      ['# EOF', '# UNIT x seconds', '# HELP foo', '# TYPE x unknown', cc('3 1'), '', cm('5 2000')],
      both,
    );
    check(
      'beside lines of other families that are broken',
      ['x 1 -5', '\u0000garbage', 'pod_x{', cc('3 1'), cm('5 2000')],
      both,
    );
    // One bad line is skipped and counted (1.5)
    check('when its start time is no number', [cs('x'), cc('3 1'), cm('5 2000')], both, 1);
  });

  describe('skips and counts a line (1.4, 1.5)', () => {
    const check = (what: string, line: string): void => {
      it(what, () => {
        const { outcome, containers, node } = read([line, ...nodeLines]);
        expect(containers).to.deep.equal({});
        expect(node).to.deep.equal({ cpuNs: 1e9, memoryBytes: 2, timestampMs: 6 });
        expect(outcome).to.deep.equal({ kind: 'parsed', badLines: 1, droppedSamples: 0 });
      });
    };
    check('NaN', cc('NaN 5'));
    check('infinite', cc('+Inf 5'));
    check('negative CPU', cc('-1 5'));
    check('negative memory', cm('-2 5'));
    check('CPU that does not fit 63 bits', cc('9223372036.854775808 5'));
    check('memory that does not fit 63 bits', cm('9.3e18 5'));
    check('no value', cc(''));
    check('underscore in the value', cc('1_0 5'));
    check('hexadecimal value', cc('0x1p3'));
    check('negative timestamp', cc('1 -5'));
    check('fraction in the timestamp', cc('1 5.0'));
    check('timestamp that nanoseconds in 64 bits do not reach', cc('1 9223372036855'));
    check('timestamp of 400 digits', cc(`1 ${'9'.repeat(400)}`));
    check('an exemplar', cc('1 5 # {a="b"} 1'));
    check('no labels', 'container_cpu_usage_seconds_total 5');
    check('empty labels', 'container_cpu_usage_seconds_total{} 5');
    check('labels of a cgroup', 'container_cpu_usage_seconds_total{id="/",image="abc"} 5');
    check('an empty name', 'container_cpu_usage_seconds_total{container="",namespace="ns",pod="p"} 5');
    check('a slash in a name', 'container_cpu_usage_seconds_total{container="c",namespace="ns",pod="a/b"} 5');
    check('labels without end', 'container_cpu_usage_seconds_total{container="c",namespace="ns",pod="p" 5');
    check('a quote without end', 'container_cpu_usage_seconds_total{container="c",namespace="ns",pod="p} 5');
    check('a backslash at the end of the line', 'container_cpu_usage_seconds_total{container="c\\');
    check('labels without a comma between', 'container_cpu_usage_seconds_total{container="c"namespace="ns",pod="p"} 5');
    check('a label without quotes', 'container_cpu_usage_seconds_total{container=c,namespace="ns",pod="p"} 5');
    check('a label without a name', 'container_cpu_usage_seconds_total{="c",namespace="ns",pod="p"} 5');
    check('quoted metric name syntax', 'container_cpu_usage_seconds_total{"x",container="c",namespace="ns",pod="p"} 5');
    check(
      'a label text above 4 KiB',
      `container_cpu_usage_seconds_total{a="${'x'.repeat(5000)}",container="c",namespace="ns",pod="p"} 5`,
    );
    check('node labels without end', 'node_cpu_usage_seconds_total{node="n 5');
    check('node memory beyond 63 bits', 'node_memory_working_set_bytes 1e300');
    check('a node without a value', 'node_memory_working_set_bytes x');
    check('a CR in the middle of the line', cc('1 5\r 7'));
  });

  it('reads nothing into names that only begin like a needed one', () => {
    const { outcome, containers, node } = read([
      `container_cpu_usage_seconds_total_more${labels} 3 1`,
      'container_cpu_usage_seconds_total',
      `container_spec_cpu_period${labels} 3 1`,
      'node_cpu_usage_seconds 7',
      'node_swap_usage_bytes 7',
      'container_x',
      'node_',
      ...nodeLines,
    ]);
    expect([containers, node]).to.deep.equal([{}, { cpuNs: 1e9, memoryBytes: 2, timestampMs: 6 }]);
    expect(outcome).to.deep.include({ badLines: 0 });
  });

  it('gives node series to the node that was asked, whatever their labels say (2.1)', () => {
    const { node } = read(['node_cpu_usage_seconds_total{node="other"} 1 5', 'node_memory_working_set_bytes{} 2 6']);
    expect(node).to.deep.equal({ cpuNs: 1e9, memoryBytes: 2, timestampMs: 6 });
  });

  it('unescapes label values', () => {
    const { containers } = read([
      'container_cpu_usage_seconds_total{container="a\\"b\\\\c\\nd\\x",namespace="ns",pod="p"} 3 1',
    ]);
    expect(containers).to.have.all.keys('ns/p/a"b\\c\nd\\x');
  });

  it('reads a body without a final line feed to its end', () => {
    expect(scraped(bytes(nodeLines.join('\n'))).node).to.deep.equal({ cpuNs: 1e9, memoryBytes: 2, timestampMs: 6 });
    expect(scraped(bytes(`${nodeLines.join('\r\n')}\r`)).node).to.deep.equal({
      cpuNs: 1e9,
      memoryBytes: 2,
      timestampMs: 6,
    });
  });

  describe('tells an exposition without samples from something else (1.6)', () => {
    const check = (what: string, text: string, kind: 'no-samples' | 'not-an-exposition'): void => {
      it(`${what}: ${kind}`, () => expect(scraped(bytes(text)).outcome.kind).to.equal(kind));
    };
    check('an empty body', '', 'no-samples');
    check('line feeds', '\n\n', 'no-samples');
    check('a kubelet whose statistics fail', 'resource_scrape_error 1\n', 'no-samples');
    check('metadata only', '# HELP x y\n# TYPE x gauge\n', 'no-samples');
    check('series of others', 'go_goroutines 12\nhttp_requests{code="200"} 1e3 5\n', 'no-samples');
    check('only bad lines of needed families', `# TYPE a gauge\n${cc('NaN')}\n`, 'no-samples');
    check('HTML', '<!doctype html>\n<html><body>hello</body></html>\n', 'not-an-exposition');
    check('JSON', '{"kind":"Status","code":403}\n', 'not-an-exposition');
    check('an error page', '404 page not found\n', 'not-an-exposition');
    check('a line of blanks, without taking seconds over it', `a${' '.repeat(60_000)}!\n`, 'not-an-exposition');
    check('prose', 'no metrics here\n# really\n', 'not-an-exposition');
    check('bytes', '\u0000\u0001\u0002\ufffd', 'not-an-exposition');
  });

  describe('reads the bodies of kubelets of several ages', () => {
    const containers: ContainerLines[] = [{ container: 'a' }, { container: 'b' }, { container: 'a', pod: 'web-2' }];
    for (const [age, flavour] of Object.entries({ '1.36': kubelet136, '1.19': kubelet119 })) {
      it(age, () => {
        const result = scraped(bytes(expositionText({ containers }, flavour)));
        expect(result.outcome).to.deep.equal({ kind: 'parsed', badLines: 0, droppedSamples: 0 });
        expect(result.node).to.deep.equal({ cpuNs: 357_354_910_000, memoryBytes: 1_616_273_408, timestampMs: 1.7e12 });
        expect(result.containers).to.have.all.keys('default/web-1/a', 'default/web-1/b', 'default/web-2/a');
        const start = flavour.withStartTimes === true ? { startNs: 1_699_999_000_123_456_768 } : {};
        expect(result.containers['default/web-1/b']).to.deep.equal({
          cpuNs: 4_710_169_000,
          memoryBytes: 12_500_000,
          timestampMs: 1.7e12,
          ...start,
        });
      });
    }
    it('without timestamps, with CR LF', () => {
      const text = expositionText({}, { withTimestamps: false, lineEnd: '\r\n' });
      expect(scraped(bytes(text)).containers['default/web-1/app']).to.include({
        timestampMs: 99,
        cpuNs: 4_710_169_000,
      });
    });
  });

  describe('reads later bodies of a node as if they were its first', () => {
    const at = (cycle: number, container: ContainerLines): ContainerLines => ({
      timestampMs: 1000 + cycle,
      cpuSeconds: 1 + cycle,
      startSeconds: 1_699_999_000.25,
      ...container,
    });
    const check = (rule: string, bodies: readonly (readonly ContainerLines[])[]): void => {
      it(rule, () => {
        const reader = new ScrapeReader();
        for (const [cycle, containers] of bodies.entries()) {
          const body = bytes(expositionText({ containers: containers.map((container) => at(cycle, container)) }));
          expect(reader.read(body), `body ${cycle}`).to.deep.equal(scraped(body));
          expect(reader.layout.count).to.equal(containers.length);
        }
      });
    };
    const [a, b, c] = [{ container: 'a' }, { container: 'b' }, { container: 'c' }];
    check('when nothing changed', [
      [a, b],
      [a, b],
      [a, b],
    ]);
    check('when a container comes in between', [
      [a, c],
      [a, b, c],
      [a, b, c],
    ]);
    check('when a container goes', [[a, b, c], [a, c], [c], [c]]);
    check('when all are others', [[a, b], [c], [{ pod: 'x' }]]);
    check('when the order changes', [
      [a, b, c],
      [c, b, a],
      [b, a, c],
    ]);
    check('when a container restarts', [
      [a],
      [{ ...a, startSeconds: 1_700_000_000.5 }],
      [{ ...a, startSeconds: 1_700_000_000.5 }],
    ]);
    check('when start times come and go', [[a], [{ ...a, startSeconds: null }], [a]]);
    check('when a start time is written longer than is kept', [
      [{ ...a, startSeconds: '1700000000.12500000000000000000000000' }],
      [{ ...a, startSeconds: '1700000000.12500000000000000000000001' }],
      [{ ...a, startSeconds: '1700000000.125' }],
    ]);
    check('when a start time only begins as before', [
      [{ ...a, startSeconds: '1.5' }],
      [{ ...a, startSeconds: '1.55' }],
    ]);
    check('when a name only begins as before', [[{ container: 'a', pod: 'p' }], [{ container: 'a', pod: 'p2' }]]);
    check('when there are many', [
      Array.from({ length: 200 }, (_, i) => ({ container: `c${i}` })),
      Array.from({ length: 300 }, (_, i) => ({ container: `c${300 - i}` })),
    ]);
  });

  it('keeps its layout when a body is no exposition or has no samples', () => {
    const reader = new ScrapeReader();
    const good = bytes(expositionText());
    const first = reader.read(good);
    for (const text of ['<html>', 'resource_scrape_error 1\n']) reader.read(bytes(text));
    expect(reader.layout.count).to.equal(1);
    expect(reader.read(good)).to.deep.equal(first);
  });

  it('drops and counts the samples of containers beyond its limit (1.8)', () => {
    const reader = new ScrapeReader(2);
    const body = bytes(expositionText({ containers: [{ pod: 'a' }, { pod: 'b' }, { pod: 'c' }] }));
    const { outcome, containers } = reader.read(body);
    expect(containers).to.have.all.keys('default/a/app', 'default/b/app');
    expect(outcome).to.deep.equal({ kind: 'parsed', badLines: 0, droppedSamples: 3 });
  });
});
