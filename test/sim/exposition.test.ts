import { readFileSync } from 'node:fs';
import { assert, expect } from 'chai';
import { renderExposition, renderScrapeError } from '../cluster/sim/exposition.ts';
import { goFloat } from '../cluster/sim/go-float.ts';
import type { NodeUsage } from '../cluster/sim/node-usage.ts';
import { beginMs, expositionModel, simModel } from '../support/sim-builders.ts';

const printedByKubernetes = readFileSync(new URL('fixtures/resource-metrics.txt', import.meta.url), 'utf8');

function nodeOf(model: { node(name: string): NodeUsage | undefined }): NodeUsage {
  const node = model.node('sim-0');
  assert(node !== undefined);
  return node;
}

describe('the exposition', () => {
  it('is byte for byte what a kubelet of Kubernetes 1.36 prints for the same samples', () => {
    expect(renderExposition(nodeOf(expositionModel()))).to.equal(printedByKubernetes);
  });

  it('of a node without pods has the node’s families and the error flag only', () => {
    const families = renderExposition(nodeOf(simModel())).matchAll(/^# TYPE (?<name>\S+)/gm);
    expect([...families].map((match) => match.groups?.['name'])).to.deep.equal([
      'node_cpu_usage_seconds_total',
      'node_memory_working_set_bytes',
      'node_swap_usage_bytes',
      'resource_scrape_error',
    ]);
  });

  it('has no timestamps when told so, and is otherwise the same', () => {
    const text = renderExposition(nodeOf(expositionModel()), { timestamps: false });
    expect(text).to.equal(printedByKubernetes.replaceAll(/ 17\d{11}$/gm, ''));
    expect(text).to.not.include(String(beginMs + 12_345));
  });

  it('of a kubelet without statistics is the error flag alone', () => {
    const [, type, sample] = renderScrapeError(1).split('\n');
    expect([type, sample]).to.deep.equal(['# TYPE resource_scrape_error gauge', 'resource_scrape_error 1']);
  });
});

describe('a number as Go prints it', () => {
  // Expected texts are those of strconv.FormatFloat(value, 'g', -1, 64).
  const check = (value: number, expected: string): void => {
    it(expected, () => {
      expect(goFloat(value)).to.equal(expected);
    });
  };

  check(0, '0');
  check(1, '1');
  check(-1.5, '-1.5');
  check(4.710169, '4.710169');
  check(0.0001, '0.0001');
  check(0.00001234, '1.234e-05');
  check(1e-9, '1e-09');
  check(999_999, '999999');
  check(123_456.789, '123456.789');
  check(1_000_000, '1e+06');
  check(12_500_000, '1.25e+07');
  check(1_763_732_000.974, '1.763732000974e+09');
  check(-2_000_000, '-2e+06');
  check(1e100, '1e+100');
  check(Number.NaN, 'NaN');
  check(Number.POSITIVE_INFINITY, '+Inf');
  check(Number.NEGATIVE_INFINITY, '-Inf');
});
