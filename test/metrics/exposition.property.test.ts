// Property: no input makes the parser throw, and damage stays where it is.
import { expect } from 'chai';
import * as fc from 'fast-check';
import { bytes, expositionText } from '../support/exposition-text.ts';
import { type Scraped, ScrapeReader, scraped } from '../support/scraped.ts';

const containers = [{ container: 'a' }, { container: 'b', pod: 'web-2' }];
const body = bytes(expositionText({ containers }));
const whole = scraped(body);

/** Every value that `part` has, but for the last sample before the cut, is one of the whole body. */
function expectPartOf(part: Scraped, allowedDifferences: number): void {
  let differences = 0;
  for (const [name, container] of [...Object.entries(part.containers), ['node', part.node] as const]) {
    const full = name === 'node' ? whole.node : (whole.containers[name] ?? {});
    for (const [field, value] of Object.entries(container)) {
      if (value !== full[field as keyof typeof full]) differences++;
    }
  }
  expect(differences).to.be.at.most(allowedDifferences);
}

describe('ExpositionParser, whatever comes', () => {
  it('reads a body cut at any offset up to the cut, for a new node and a known one', () => {
    const known = new ScrapeReader();
    for (let end = 0; end <= body.length; end++) {
      const cut = body.slice(0, end);
      const fresh = scraped(cut);
      // A number or timestamp may be cut in two: one value and one timestamp can differ.
      expectPartOf(fresh, 2);
      known.read(body);
      expect(known.read(cut), `cut at ${end}`).to.deep.equal(fresh);
    }
  });

  it('survives a body that begins anywhere', () => {
    for (let start = 0; start <= body.length; start += 3) expectPartOf(scraped(body.slice(start)), 0);
  });

  it('survives any byte anywhere, and reads the same whether it knew the node or not', () => {
    fc.assert(
      fc.property(fc.nat(body.length - 1), fc.nat(255), (at, byte) => {
        const damaged = Uint8Array.from(body);
        damaged[at] = byte;
        const known = new ScrapeReader();
        known.read(body);
        expect(known.read(damaged)).to.deep.equal(scraped(damaged));
      }),
      { numRuns: 2000 },
    );
  });

  it('survives random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        expect(['parsed', 'no-samples', 'not-an-exposition']).to.include(scraped(noise).outcome.kind);
      }),
      { numRuns: 1000 },
    );
  });

  it('survives lines made of the pieces of good ones', () => {
    const pieces = [
      'container_cpu_usage_seconds_total',
      'node_cpu_usage_seconds_total',
      '{',
      '}',
      '"',
      '\\',
      '=',
      ',',
      ' ',
      '\n',
      '\r',
      '1',
      '.',
      'e',
      '-',
    ];
    const line = fc.array(fc.constantFrom(...pieces, 'container', 'pod="p"', 'namespace="n"', 'container="c"'), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(line, (parts) => {
        const text = bytes(parts.join(''));
        const reader = new ScrapeReader();
        expect(reader.read(text)).to.deep.equal(reader.read(text));
      }),
      { numRuns: 3000 },
    );
  });
});
