// Pure: field selectors (`metadata.name=a,metadata.namespace!=b`), as k8s.io/apimachinery pkg/fields parses them.

export interface FieldRequirement {
  readonly field: string;
  /** True for `=` and `==`, false for `!=`. */
  readonly equal: boolean;
  readonly value: string;
}

export type FieldSelectorOutcome =
  | { readonly requirements: readonly FieldRequirement[]; readonly error?: never }
  | { readonly requirements?: never; readonly error: string };

/** The requirements, or what apimachinery says is wrong. */
export function parseFieldSelector(text: string): FieldSelectorOutcome {
  const requirements: FieldRequirement[] = [];
  for (const term of splitTerms(text)) {
    if (term === '') continue;
    const requirement = parseTerm(term);
    if (requirement === undefined) return { error: `invalid selector: '${text}'; can't understand '${term}'` };
    const value = unescape(requirement.value);
    if (value.error !== undefined) return { error: value.error };
    requirements.push({ ...requirement, value: value.text });
  }
  return { requirements };
}

/** Splits at commas that no backslash stands before. */
function splitTerms(text: string): readonly string[] {
  return text.match(/(?:\\[^]|[^\\,]|\\$)+/g) ?? [];
}

/** The first operator splits; of those that begin at one place the longest wins. */
function parseTerm(term: string): FieldRequirement | undefined {
  const operator = /!=|==|=/.exec(term);
  if (operator === null) return undefined;
  return {
    field: term.slice(0, operator.index),
    equal: operator[0] !== '!=',
    value: term.slice(operator.index + operator[0].length),
  };
}

type Unescaped = { readonly text: string; readonly error?: never } | { readonly error: string };

function unescape(value: string): Unescaped {
  let text = '';
  for (let at = 0; at < value.length; at++) {
    const char = value.charAt(at);
    if (char === ',' || char === '=') {
      return { error: `invalid field selector: unescaped character in value: ${char.charCodeAt(0)}` };
    }
    if (char !== '\\') {
      text += char;
      continue;
    }
    at += 1;
    const escaped = value.charAt(at);
    if (escaped === '' || !'\\,='.includes(escaped)) {
      return { error: `invalid field selector: invalid escape sequence: \\${escaped}` };
    }
    text += escaped;
  }
  return { text };
}
