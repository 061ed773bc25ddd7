// test/parity/forms.md: no form is missing that the sources know or that the real controller said, and each is compared where the page says.
import { expect } from 'chai';
import { failingCases, servedCases } from '../e2e/custom-metrics/cases.ts';
import { readConversations } from '../support/conversations.ts';
import { readVectors } from '../support/decision-vectors.ts';
import { expressionOf, type Form, partExpressionOf, readForms, readUnsaidTexts, readWords } from '../support/forms.ts';
import { bulletsOf, readProjectFile, sectionOf } from '../support/markdown.ts';
import { reasonCases } from '../support/reason-cases.ts';

/** What the real controller said in one comparison. */
interface Heard {
  readonly conditions: readonly Said[];
  readonly events: readonly Said[];
  readonly errors: readonly string[];
}

interface Said {
  /** `AbleToScale True` or `Warning`. */
  readonly kind: string;
  readonly reason: string;
  readonly message: string;
}

interface Expected {
  readonly status?: unknown;
  readonly events?: readonly string[];
  readonly error?: string;
}

const conditions = readForms('Conditions');
const events = readForms('Events');
const rescaleReasons = readWords('Reasons of a rescale');
const metricNames = readWords('Names of metrics');
const errors = readWords('Errors');
const logErrors = readWords('Errors of the log');
const all = [conditions, events, rescaleReasons, metricNames, errors, logErrors].flat();

/** They hold the real controller to a reason; the words are compared as they come. */
const adapterCases = [servedCases, failingCases].flat().map(({ name }) => name);

const decisions = new URL('../parity/vectors/decisions.json', import.meta.url);
const heardIn = new Map<string, Heard>([
  ...readConversations().map(({ name, steps }) => [name, hear(steps.map((step) => step.expected))] as const),
  ['decisions.json', hear(readVectors(decisions).flatMap(({ steps }) => steps.map((step) => step.expected)))],
]);

describe('test/parity/forms.md', () => {
  it('has every text of the sources', () => {
    const sources = JSON.parse(readProjectFile('test/parity/vectors/texts.json')) as readonly { text: string }[];
    const known = new Set([...all.map(({ words }) => words), ...readUnsaidTexts()].map(withoutNames));
    for (const { reason } of [...conditions, ...events]) known.add(reason);
    const texts = sources.map(({ text }) => withoutVerbs(text)).filter((text) => text !== '{}');
    expect(texts).to.have.length.above(100);
    expect([...new Set(texts)].filter((text) => !known.has(text))).to.deep.equal([]);
  });

  it('has every condition and event that the real controller said in a comparison', () => {
    const heard = [...heardIn.values()];
    const unknown = [
      ...heard.flatMap((one) => one.conditions.filter((said) => !conditions.some((form) => isOfForm(said, form)))),
      ...heard.flatMap((one) => one.events.filter((said) => !events.some((form) => isOfForm(said, form)))),
    ];
    // Made up by the generator, as what a status has said before.
    expect(unknown.filter(({ reason }) => reason !== 'Before')).to.deep.equal([]);
  });

  describe('names comparisons in which the real controller said', () => {
    const check = (forms: readonly Form[], isSaid: (heard: Heard, form: Form) => boolean): void => {
      for (const form of forms) {
        it(`${form.kind} ${form.reason} ${form.words || 'nothing'}`.trim(), () => {
          expect(form.comparedIn).not.to.deep.equal(['']);
          for (const name of form.comparedIn) {
            if (name.startsWith('adapter ')) expect(adapterCases, name).to.include(name.slice(8));
            else if (name.startsWith('e2e ')) expect(isSaidEndToEnd(name.slice(4), form), name).to.equal(true);
            else expect(isSaid(heardIn.get(name) ?? nothing, form), name).to.equal(true);
          }
        });
      }
    };
    check(conditions, (heard, form) => heard.conditions.some((said) => isOfForm(said, form)));
    check(events, (heard, form) => heard.events.some((said) => isOfForm(said, form)));
    check(rescaleReasons, (heard, { words }) => {
      const expression = expressionOf(`New size: {replicas}; reason: ${words}`);
      return heard.events.some(({ message }) => expression.test(message.replace(/; error: .*$/, '')));
    });
    check(metricNames, (heard, { words }) => {
      const expression = expressionOf(`the HPA was able to successfully calculate a replica count from ${words}`);
      return heard.conditions.some(({ message }) => expression.test(message));
    });
    check(errors, (heard, { words }) => {
      const expression = partExpressionOf(words);
      return [...heard.conditions, ...heard.events].some(({ message }) => expression.test(message));
    });
    check(logErrors, (heard, { words }) => heard.errors.some((error) => expressionOf(words).test(error)));
  });

  it('is told to users: docs/conditions.md has the same conditions, events, reasons of a rescale, and errors', () => {
    const page = readProjectFile('docs/conditions.md');
    const bullets = page.split(/^## /m).flatMap(bulletsOf);
    const theirs = bullets.filter((item) => !item.includes('**Ours**'));
    for (const { kind, reason, words } of [...conditions, ...events]) {
      const start = `${kind.split(' ').at(-1)} \`${reason}\`: \`${words}\``;
      expect(
        theirs.filter((item) => item.startsWith(start)),
        start,
      ).not.to.deep.equal([]);
    }
    const quoted = ['Reasons of a rescale', 'Errors inside the messages', 'Words around an error'].flatMap((heading) =>
      bulletsOf(sectionOf(page, heading)).map((item) => /^`([^`]+)`/.exec(item)?.[1] ?? ''),
    );
    expect(quoted.toSorted()).to.deep.equal([...rescaleReasons, ...errors].map(({ words }) => words).toSorted());
  });
});

const nothing: Heard = { conditions: [], events: [], errors: [] };

function hear(steps: readonly Expected[]): Heard {
  return {
    conditions: steps.flatMap(({ status }) => conditionsOf(status)),
    events: steps
      .flatMap((step) => step.events ?? [])
      .map((event) => {
        const [kind = '', reason = '', ...message] = event.split('|');
        return { kind, reason, message: message.join('|') };
      }),
    errors: steps.flatMap(({ error }) => error ?? []),
  };
}

function conditionsOf(status: unknown): readonly Said[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by our own generator
  const { conditions: list } = (status ?? {}) as { conditions?: readonly (Said & { type: string; status: string })[] };
  return (list ?? []).map((one) => ({ kind: `${one.type} ${one.status}`, reason: one.reason, message: one.message }));
}

function isOfForm({ kind, reason, message }: Said, form: Form): boolean {
  return kind === form.kind && reason === form.reason && expressionOf(form.words).test(message);
}

/** Whether the case insists on such a condition or event, or on such words. */
function isSaidEndToEnd(name: string, { kind, reason, words }: Form): boolean {
  const says = reasonCases.find((one) => one.name === name)?.says ?? [];
  if (kind !== '') return says.some(([what]) => what === `${kind} ${reason}`);
  return says.some(([, said]) => partExpressionOf(words).test(said));
}

/** `{error}` becomes `{}`. */
function withoutNames(words: string): string {
  return words.replace(/\[?\{[^}]*\}\]?/g, '{}');
}

/** `%v` becomes `{}`, and `%q` quotes; an error that is wrapped for its kind alone adds no words. */
function withoutVerbs(text: string): string {
  return text
    .replace(/(%[vq])%w/, '$1')
    .replaceAll('%q', '"{}"')
    .replace(/%[+#]?(?:\.\d)?[vsdfxw]/g, '{}')
    .replaceAll('%%', '%');
}
