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

function matcher(unsorted: readonly Requirement[]): LabelMatcher {
  // Keys are ASCII once checked, so this is byte order.
  const requirements = unsorted.toSorted((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)));
  return {
    matches: (labels) => requirements.every((requirement) => meets(requirement, labels)),
    equalities: requirements.filter(isEquality).map(({ key, values }) => ({ key, values })),
    toString: () => requirements.map(formatRequirement).join(','),
  };
}

function isEquality({ operator }: Requirement): boolean {
  return operator === 'in' || operator === '=' || operator === '==';
}
