// Parity: the words for answers of an API server that are no success, against those of the clients of kube-controller-manager v1.36.3.
// test/parity/vectors/README.md says how they were made.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { errorOfResponse } from '../../src/kube/api-status-error.ts';

interface RefusalFile {
  /** `GET /path` */
  readonly requests: readonly string[];
  /** Content types, '' when there is none, and bodies. */
  readonly answers: readonly { readonly type: string; readonly text: string }[];
  /** Indexes of a request and of an answer to it, with an HTTP status: what the client says. */
  readonly refusals: readonly Refusal[];
}

interface Refusal {
  readonly request: number;
  readonly answer: number;
  readonly code: number;
  readonly error: string;
}

const file = new URL('../parity/vectors/responses.json', import.meta.url);
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by our own generator
const { requests, answers, refusals } = JSON.parse(readFileSync(file, 'utf8')) as RefusalFile;

describe('a refusal has the words that it has in kube-controller-manager', () => {
  for (const [index, line] of requests.entries()) {
    it(line, () => {
      const ofRequest = refusals.filter(({ request }) => request === index);
      expect(ofRequest).to.have.length.above(100);
      for (const { code, answer, error } of ofRequest) {
        const { type, text } = answers[answer] ?? { type: '', text: '' };
        expect(wordsOf(line, code, type, text), `${code} ${type} ${text}`).to.equal(error);
      }
    });
  }
});

function wordsOf(line: string, httpStatus: number, type: string, body: string): string {
  const [method = '', path = ''] = line.split(' ');
  const contentType = type === '' ? undefined : type;
  return errorOfResponse({ method, path }, { httpStatus, contentType, retryAfterSeconds: undefined, body }).message;
}
