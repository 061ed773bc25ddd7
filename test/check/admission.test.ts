// `headroom check` against what a real API server said to each manifest of the table; test/e2e/check.e2e.ts asks whether it still says so.
import { expect } from 'chai';
import answers from './answers.json' with { type: 'json' };
import type { ApiAnswer } from './api-answer.ts';
import { checkedAnswer, comparable } from './checked-answer.ts';
import { manifestCases } from './manifests.ts';

const recorded: Readonly<Record<string, ApiAnswer>> = answers;

describe('headroom check and the API server agree', () => {
  for (const one of manifestCases) {
    it(one.title, () => {
      expect(comparable(checkedAnswer(one), one)).to.deep.equal(comparable(recorded[one.title] ?? {}, one));
    });
  }

  it('about every manifest of the recording, and no other', () => {
    expect(manifestCases.map(({ title }) => title)).to.deep.equal(Object.keys(recorded));
  });
});
