// Pure: the text grammar of label selectors (`app=web,tier in (a,b),!legacy`), with the errors of apimachinery's labels.Parse.
import {
  keyProblems,
  newRequirement,
  type Requirement,
  SelectorError,
  type SelectorOperator,
} from './label-requirement.ts';

type TokenKind = ')' | ',' | '!' | '==' | '=' | '>' | 'in' | '<' | '!=' | 'notin' | '(' | 'identifier' | 'end';

interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const keywords: ReadonlySet<string> = new Set<TokenKind>([
  ')',
  ',',
  '!',
  '==',
  '=',
  '>',
  'in',
  '<',
  '!=',
  'notin',
  '(',
]);
const binaryOperators: ReadonlyMap<TokenKind, SelectorOperator> = new Map([
  ['in', 'in'],
  ['notin', 'notin'],
  ['=', '='],
  ['==', '=='],
  ['!=', '!='],
  ['>', 'gt'],
  ['<', 'lt'],
]);

// White space, then two-character operators before their one-character prefixes, then a run of anything else. A NUL ends the text.
const nextToken = /[ \t\r\n]*(==|!=|[=!(),><]|[^ \t\r\n=!(),><\0]+)?\0?/y;

/** The requirements of a selector's text, in its order. Throws SelectorError. */
export function parseRequirements(text: string): Requirement[] {
  return new Parser(tokenize(text)).parse();
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  nextToken.lastIndex = 0;
  for (;;) {
    const word = nextToken.exec(text)?.[1];
    if (word === undefined) return [...tokens, { kind: 'end', text: '' }];
    tokens.push({ kind: isKeyword(word) ? word : 'identifier', text: word });
  }
}

function isKeyword(word: string): word is TokenKind {
  return keywords.has(word);
}

const endToken: Token = { kind: 'end', text: '' };

/** Recursive descent with one token of look-ahead. */
class Parser {
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): Requirement[] {
    const requirements: Requirement[] = [];
    let token = this.#peek();
    while (token.kind !== 'end') {
      if (token.kind !== 'identifier' && token.kind !== '!') {
        throw new SelectorError(`found '${token.text}', expected: !, identifier, or 'end of string'`);
      }
      requirements.push(this.#requirementInContext());
      this.#separator();
      token = this.#peek();
    }
    return requirements;
  }

  /** A comma with another requirement behind it, or the end. */
  #separator(): void {
    const token = this.#take();
    if (token.kind === 'end') return;
    if (token.kind !== ',') throw new SelectorError(`found '${token.text}', expected: ',' or 'end of string'`);
    const next = this.#peek();
    if (next.kind !== 'identifier' && next.kind !== '!') {
      throw new SelectorError(`found '${next.text}', expected: identifier after ','`);
    }
  }

  #requirementInContext(): Requirement {
    try {
      return this.#requirement();
    } catch (error) {
      if (!(error instanceof SelectorError)) throw error;
      throw new SelectorError(`unable to parse requirement: ${error.message}`);
    }
  }

  #requirement(): Requirement {
    const first = this.#take();
    const negated = first.kind === '!';
    const key = negated ? this.#take() : first;
    if (key.kind !== 'identifier') throw new SelectorError(`found '${key.text}', expected: identifier`);
    const [problem] = keyProblems('<nil>', key.text);
    if (problem !== undefined) throw new SelectorError(problem);
    if (negated) return newRequirement(key.text, '!', []);
    const next = this.#peek();
    if (next.kind === 'end' || next.kind === ',') return newRequirement(key.text, 'exists', []);
    return this.#comparison(key.text);
  }

  #comparison(key: string): Requirement {
    // Here, and only here, `in` and `notin` are operators; anywhere else they are words like any other.
    const token = this.#takeRaw();
    const operator = binaryOperators.get(token.kind);
    if (operator === undefined) {
      throw new SelectorError(`found '${token.text}', expected: in, notin, =, ==, !=, gt, lt`);
    }
    const values = operator === 'in' || operator === 'notin' ? this.#valueSet() : [this.#exactValue()];
    return newRequirement(key, operator, values);
  }

  #valueSet(): string[] {
    const open = this.#take();
    if (open.kind !== '(') throw new SelectorError(`found '${open.text}' expected: '('`);
    const next = this.#peek();
    if (next.kind === ')') {
      this.#take();
      return [''];
    }
    if (next.kind !== 'identifier' && next.kind !== ',') {
      throw new SelectorError(`found '${next.text}', expected: ',', ')' or identifier`);
    }
    const values = this.#valueList();
    this.#take();
    return [...values].toSorted();
  }

  /** Identifiers and commas up to the closing parenthesis; nothing between two of them is the empty value. */
  #valueList(): Set<string> {
    const values = new Set<string>();
    for (;;) {
      const token = this.#take();
      const next = this.#peek();
      if (token.kind === 'identifier') {
        values.add(token.text);
        if (next.kind === ')') return values;
        if (next.kind !== ',') throw new SelectorError(`found '${next.text}', expected: ',' or ')'`);
      } else if (token.kind === ',') {
        if (values.size === 0 || next.kind === ')' || next.kind === ',') values.add('');
        if (next.kind === ')') return values;
      } else {
        throw new SelectorError(`found '${token.text}', expected: ',', or identifier`);
      }
    }
  }

  #exactValue(): string {
    const next = this.#peek();
    if (next.kind === 'end' || next.kind === ',') return '';
    const token = this.#take();
    if (token.kind !== 'identifier') throw new SelectorError(`found '${token.text}', expected: identifier`);
    return token.text;
  }

  #peek(): Token {
    return asWord(this.#tokens[this.#position] ?? endToken);
  }

  #take(): Token {
    return asWord(this.#takeRaw());
  }

  #takeRaw(): Token {
    const token = this.#tokens[this.#position] ?? endToken;
    this.#position += 1;
    return token;
  }
}

function asWord(token: Token): Token {
  return token.kind === 'in' || token.kind === 'notin' ? { kind: 'identifier', text: token.text } : token;
}
