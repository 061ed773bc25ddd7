// Pure: the query parameters of a LIST: which of them select, which are refused, which are ignored.
import { parseLabelSelector, SelectorError } from '../lib/label-selector.ts';
import type { LabelMatcher } from '../lib/views.ts';
import { type FieldRequirement, parseFieldSelector } from './field-selector.ts';
import { isTrue } from './request-info.ts';
import { badRequest, invalidListOptions, type StatusCause, StatusError, watchNotSupported } from './status.ts';

export interface ListOptions {
  readonly labels: LabelMatcher;
  /** Does an object of this name pass the field selector? `namespace` is '' for nodes. */
  selectsFields(namespace: string, name: string): boolean;
}

/** By the query of a request that is remembered. Only good ones are in here, and those mean the same for nodes and for pods. */
const understood = new WeakMap<URLSearchParams, ListOptions>();

/** Reads the parameters of a LIST of `resource` (docs/metrics-api.md, M-81, M-82, M-84). Throws StatusError for the first that is wrong. */
export function readListOptions(resource: 'nodes' | 'pods', query: URLSearchParams): ListOptions {
  let options = understood.get(query);
  if (options === undefined) {
    options = readOnce(resource, query);
    understood.set(query, options);
  }
  return options;
}

function readOnce(resource: 'nodes' | 'pods', query: URLSearchParams): ListOptions {
  const labels = readLabels(query.get('labelSelector') ?? '');
  const fields = readFields(query.get('fieldSelector') ?? '');
  checkInteger(query.get('timeoutSeconds'));
  checkInteger(query.get('limit'));
  const watch = isTrue(query.get('watch'));
  const causes = watch ? watchProblems(query) : listProblems(query);
  if (causes.length > 0) throw new StatusError(invalidListOptions(causes));
  checkFields(fields);
  if (watch) throw new StatusError(watchNotSupported(resource));
  return {
    labels,
    selectsFields: (namespace, name) =>
      fields.every(({ field, equal, value }) => ((field === 'metadata.name' ? name : namespace) === value) === equal),
  };
}

function readLabels(text: string): LabelMatcher {
  try {
    return parseLabelSelector(text);
  } catch (error) {
    if (error instanceof SelectorError) throw new StatusError(badRequest(error.message));
    throw error;
  }
}

function readFields(text: string): readonly FieldRequirement[] {
  const outcome = parseFieldSelector(text);
  if (outcome.error !== undefined) throw new StatusError(badRequest(outcome.error));
  return outcome.requirements;
}

function checkFields(fields: readonly FieldRequirement[]): void {
  const unknown = fields.find(({ field }) => field !== 'metadata.name' && field !== 'metadata.namespace');
  if (unknown === undefined) return;
  const name = JSON.stringify(unknown.field);
  const message = `${name} is not a known field selector: only "metadata.name", "metadata.namespace"`;
  throw new StatusError(badRequest(message));
}

const int64Text = /^[+-]?[0-9]+$/;

function checkInteger(text: string | null): void {
  if (text === null) return;
  const problem = integerProblem(text);
  if (problem === undefined) return;
  throw new StatusError(badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: ${problem}`));
}

function integerProblem(text: string): string | undefined {
  if (!int64Text.test(text)) return 'invalid syntax';
  const value = BigInt(text.replace(/^\+/, ''));
  return value === BigInt.asIntN(64, value) ? undefined : 'value out of range';
}

const matchField = 'resourceVersionMatch';

function forbidden(field: string, text: string): StatusCause {
  return { field, reason: 'FieldValueForbidden', message: `Forbidden: ${text}` };
}

function unsupported(value: string, supported: string): StatusCause {
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported}`;
  return { field: matchField, reason: 'FieldValueNotSupported', message };
}

function listProblems(query: URLSearchParams): readonly StatusCause[] {
  const sendsInitialEvents = query.has('sendInitialEvents')
    ? [forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list')]
    : [];
  const match = query.get(matchField) ?? '';
  return match === '' ? sendsInitialEvents : [...matchProblems(match, query), ...sendsInitialEvents];
}

function matchProblems(match: string, query: URLSearchParams): readonly StatusCause[] {
  const resourceVersion = query.get('resourceVersion') ?? '';
  const rules: readonly (readonly [boolean, StatusCause])[] = [
    [resourceVersion === '', forbidden(matchField, `${matchField} is forbidden unless resourceVersion is provided`)],
    [hasContinue(query), forbidden(matchField, `${matchField} is forbidden when continue is provided`)],
    [match !== 'Exact' && match !== 'NotOlderThan', unsupported(match, '"Exact", "NotOlderThan", ""')],
    [
      match === 'Exact' && resourceVersion === '0',
      forbidden(matchField, `${matchField} "exact" is forbidden for resourceVersion "0"`),
    ],
  ];
  return rules.filter(([broken]) => broken).map(([, cause]) => cause);
}

/** A watch is refused in any case; these are refused before it. */
function watchProblems(query: URLSearchParams): readonly StatusCause[] {
  const match = query.get(matchField) ?? '';
  const sendsInitialEvents = query.has('sendInitialEvents');
  const wrongMatch = match !== 'NotOlderThan';
  const rules: readonly (readonly [boolean, StatusCause])[] = [
    [
      sendsInitialEvents && wrongMatch,
      forbidden(matchField, `sendInitialEvents requires setting ${matchField} to NotOlderThan`),
    ],
    [
      match !== '' && !sendsInitialEvents,
      forbidden(matchField, `${matchField} is forbidden for watch unless sendInitialEvents is provided`),
    ],
    [match !== '' && wrongMatch, unsupported(match, '"NotOlderThan"')],
    [match !== '' && hasContinue(query), forbidden(matchField, `${matchField} is forbidden when continue is provided`)],
  ];
  return rules.filter(([broken]) => broken).map(([, cause]) => cause);
}

function hasContinue(query: URLSearchParams): boolean {
  return (query.get('continue') ?? '') !== '';
}
