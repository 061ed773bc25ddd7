// Pure: label selectors, from their text form and from metav1.LabelSelector.
import { goQuote } from './go-quote.ts';
import {
  formatRequirement,
  meets,
  newRequirement,
  type Requirement,
  SelectorError,
  type SelectorOperator,
} from './label-requirement.ts';
import { parseRequirements } from './label-selector-text.ts';
import type { LabelMatcher } from './views.ts';

export { SelectorError } from './label-requirement.ts';

/** metav1.LabelSelector, as objects carry it. */
export interface LabelSelectorSpec {
  readonly matchLabels?: Readonly<Record<string, string>> | null | undefined;
  readonly matchExpressions?:
    | readonly {
        readonly key: string;
        readonly operator: string;
        readonly values?: readonly string[] | null | undefined;
      }[]
    | null
    | undefined;
}

const operatorsOfSpec: ReadonlyMap<string, SelectorOperator> = new Map([
  ['In', 'in'],
  ['NotIn', 'notin'],
  ['Exists', 'exists'],
  ['DoesNotExist', '!'],
]);

const namesInSpec: ReadonlyMap<SelectorOperator, string> = new Map(
  [...operatorsOfSpec].map(([name, operator]) => [operator, name]),
);

/** Matches all labels; its text is empty. */
export const everything: LabelMatcher = matcher([]);

/** Matches no labels; its text is empty too. */
export const nothing: LabelMatcher = { matches: () => false, equalities: [], toString: () => '' };

/** A selector from its text form (labels.Parse). Throws SelectorError with apimachinery's message. */
export function parseLabelSelector(text: string): LabelMatcher {
  return matcher(parseRequirements(text));
}

/**
 * A selector from its object form (LabelSelectorAsSelector): none given matches nothing, an empty one matches everything.
 * Throws SelectorError with apimachinery's message.
 */
export function labelSelectorFromSpec(spec: LabelSelectorSpec | null | undefined): LabelMatcher {
  if (spec === undefined || spec === null) return nothing;
  const fromLabels = Object.entries(spec.matchLabels ?? {}).map(([key, value]) => newRequirement(key, '=', [value]));
  const fromExpressions = (spec.matchExpressions ?? []).map(({ key, operator, values }) => {
    const known = operatorsOfSpec.get(operator);
    if (known === undefined) throw new SelectorError(`${goQuote(operator)} is not a valid label selector operator`);
    return newRequirement(key, known, values ?? []);
  });
  return matcher([...fromLabels, ...fromExpressions]);
}

/**
 * A selector from its text form, by way of its object form (ParseToLabelSelector, then LabelSelectorAsSelector): of several values that a
 * label must equal the last one counts, `==` becomes `=`, and what an object cannot say is an error. Throws SelectorError with
 * apimachinery's message.
 */
export function parseAsLabelSelectorSpec(text: string): LabelMatcher {
  return labelSelectorFromSpec(specOf(requirementsIn(text)));
}

function requirementsIn(text: string): readonly Requirement[] {
  try {
    return parseRequirements(text);
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    throw new SelectorError(`couldn't parse the selector string "${text}": ${error.message}`);
  }
}

/** Of several operators that an object cannot say, the one with the first key is told. */
function specOf(unsorted: readonly Requirement[]): LabelSelectorSpec {
  const requirements = sortedByKey(unsorted);
  const equalities = requirements.filter(({ operator }) => operator === '=' || operator === '==');
  const others = requirements.filter((requirement) => !equalities.includes(requirement));
  return {
    matchLabels: Object.fromEntries(equalities.map(({ key, values }) => [key, values[0] ?? ''])),
    matchExpressions: others.map(({ key, operator, values }) => ({ key, operator: nameInSpec(operator), values })),
  };
}

/** What an operator is called in an object, where `!=` and comparisons cannot be said. */
function nameInSpec(operator: SelectorOperator): string {
  const name = namesInSpec.get(operator);
  if (name !== undefined) return name;
  const isOrder = operator === 'gt' || operator === 'lt';
  const problem = isOrder ? "isn't supported in label selectors" : 'is not a valid label selector operator';
  throw new SelectorError(`${goQuote(operator)} ${problem}`);
}

/** Keys are ASCII once checked, so this is byte order. */
function sortedByKey(requirements: readonly Requirement[]): readonly Requirement[] {
  return requirements.toSorted((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)));
}

function matcher(unsorted: readonly Requirement[]): LabelMatcher {
  const requirements = sortedByKey(unsorted);
  return {
    matches: (labels) => requirements.every((requirement) => meets(requirement, labels)),
    equalities: requirements.filter(isEquality).map(({ key, values }) => ({ key, values })),
    toString: () => requirements.map(formatRequirement).join(','),
  };
}

function isEquality({ operator }: Requirement): boolean {
  return operator === 'in' || operator === '=' || operator === '==';
}
