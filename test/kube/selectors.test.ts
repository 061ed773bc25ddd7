// Parity: selectors of scales and of metrics, understood and refused as client-go and apimachinery v0.36.3 do, word for word.
// test/parity/vectors/README.md says how the expectations were made.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { LabelSelectorSpec } from '../../src/crd/types.ts';
import { projectScale } from '../../src/kube/project-scale.ts';
import { errorMessage } from '../../src/lib/errors.ts';
import { labelSelectorFromSpec } from '../../src/lib/label-selector.ts';

/** The selector as it is sent, or the words of its error. */
interface Outcome {
  readonly selector?: string;
  readonly error?: string;
}

interface SelectorFile {
  readonly scales: readonly (Outcome & { readonly text: string })[];
  readonly metrics: readonly (Outcome & { readonly spec: Partial<LabelSelectorSpec> })[];
}

const file = new URL('../parity/vectors/selectors.json', import.meta.url);
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by our own generator
const { scales, metrics } = JSON.parse(readFileSync(file, 'utf8')) as SelectorFile;

describe('selectors are understood, or refused in the same words, as by kube-controller-manager', () => {
  it(`${scales.length} of scales`, () => {
    expect(scales).to.have.length(500);
    for (const { text, ...expected } of scales) {
      const scale = { metadata: { name: 'web' }, status: { selector: text } };
      expect(
        outcomeOf(() => projectScale(scale).selector),
        text,
      ).to.deep.equal(expected);
    }
  });

  it(`${metrics.length} of metrics`, () => {
    expect(metrics).to.have.length(300);
    for (const { spec, ...expected } of metrics) {
      const { matchLabels = {}, matchExpressions = [] } = spec;
      const complete = {
        matchLabels,
        matchExpressions: matchExpressions.map((one) => ({ ...one, values: one.values ?? [] })),
      };
      expect(
        outcomeOf(() => labelSelectorFromSpec(complete).toString()),
        JSON.stringify(spec),
      ).to.deep.equal(expected);
    }
  });
});

function outcomeOf(read: () => string): Outcome {
  try {
    return { selector: read() };
  } catch (error) {
    return { error: errorMessage(error) };
  }
}
