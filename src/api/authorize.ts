// Flow: may this user do this? system:masters may; some paths are open to all; the API server decides the rest.
import type {
  AccessAttributes,
  AccessDecision,
  ResourceAttributes,
  ReviewAccess,
  SelectorRequirement,
} from '../kube/subject-access-review.ts';
import type { UserInfo } from '../kube/user.ts';
import { parseRequirements } from '../lib/label-selector-text.ts';
import type { Logger } from '../lib/logger.ts';
import { parseFieldSelector } from './field-selector.ts';
import type { RequestInfo, ResourceRequest } from './request-info.ts';

/** Throws AccessNotReviewed when it could not be decided. */
export type Authorizer = (user: UserInfo, attributes: AccessAttributes) => Promise<AccessDecision>;

export interface AuthorizerOptions {
  /** `--authorization-always-allow-paths`: exact paths, or prefixes when they end in `*`. */
  readonly alwaysAllowPaths: readonly string[];
  readonly review: ReviewAccess;
  readonly logger: Logger;
}

/** Nobody could say whether it is allowed. The log has the reasons, which are not for everybody to read. */
export class AccessNotReviewed extends Error {
  override readonly name = 'AccessNotReviewed';

  constructor() {
    super('access could not be reviewed');
  }
}

const allowed: AccessDecision = { allowed: true, reason: '' };

/** Decides (docs/metrics-api.md, M-98). */
export function createAuthorizer({ alwaysAllowPaths, review, logger }: AuthorizerOptions): Authorizer {
  const isOpen = pathMatcher(alwaysAllowPaths);
  return async (user, attributes) => {
    if (user.groups.includes('system:masters')) return allowed;
    if ('nonResource' in attributes && isOpen(attributes.nonResource.path)) return allowed;
    try {
      return await review(user, attributes);
    } catch (error) {
      logger.warn('access could not be reviewed, the request is refused', { user: user.name, error });
      throw new AccessNotReviewed();
    }
  };
}

function pathMatcher(patterns: readonly string[]): (path: string) => boolean {
  const absolute = patterns.map((pattern) => (pattern.startsWith('/') ? pattern : `/${pattern}`));
  const exact = new Set(absolute.filter((pattern) => !pattern.endsWith('*')));
  const prefixes = absolute.filter((pattern) => pattern.endsWith('*')).map((pattern) => pattern.slice(0, -1));
  return (path) => exact.has(path) || prefixes.some((prefix) => path.startsWith(prefix));
}

/** What a request asks for, as authorizers are told. */
export function accessAttributes(request: RequestInfo): AccessAttributes {
  if (request.kind === 'path') return { nonResource: { path: request.path, verb: request.verb } };
  const { namespace, verb, group, version, resource, subresource, name } = request;
  const selectors = selectorAttributes(request);
  return { resource: { namespace, verb, group, version, resource, subresource, name, ...selectors } };
}

const noAttributes: ResourceAttributes = {
  namespace: '',
  verb: '',
  group: '',
  version: '',
  resource: '',
  subresource: '',
  name: '',
  fieldSelector: [],
  labelSelector: [],
};

/** What is not given is empty. */
export function resourceAttributes(given: Partial<ResourceAttributes>): ResourceAttributes {
  return { ...noAttributes, ...given };
}

interface SelectorAttributes {
  readonly fieldSelector: readonly SelectorRequirement[];
  readonly labelSelector: readonly SelectorRequirement[];
}

const noSelectors: SelectorAttributes = { fieldSelector: [], labelSelector: [] };
const verbsWithSelectors = new Set(['list', 'watch', 'deletecollection']);

/** Selectors only narrow a request, so one that cannot be parsed, or said in a review, is left out: the question becomes the wider one. */
function selectorAttributes({ verb, query }: ResourceRequest): SelectorAttributes {
  const fields = query.get('fieldSelector') ?? '';
  const labels = query.get('labelSelector') ?? '';
  if (!verbsWithSelectors.has(verb) || (fields === '' && labels === '')) return noSelectors;
  return { fieldSelector: fieldRequirements(fields), labelSelector: labelRequirements(labels) };
}

function fieldRequirements(text: string): readonly SelectorRequirement[] {
  const { requirements = [] } = parseFieldSelector(text);
  // The API server refuses a review whose requirement names no field.
  return requirements.flatMap(({ field, equal, value }): SelectorRequirement[] =>
    field === '' ? [] : [{ key: field, operator: equal ? 'In' : 'NotIn', values: [value] }],
  );
}

const reviewOperators: Readonly<Record<string, SelectorRequirement['operator'] | undefined>> = {
  in: 'In',
  '=': 'In',
  '==': 'In',
  notin: 'NotIn',
  '!=': 'NotIn',
  exists: 'Exists',
  '!': 'DoesNotExist',
};

function labelRequirements(text: string): readonly SelectorRequirement[] {
  return parsedLabels(text).flatMap(({ key, operator, values }): SelectorRequirement[] => {
    const said = reviewOperators[operator];
    if (said === undefined) return [];
    return [values.length === 0 ? { key, operator: said } : { key, operator: said, values }];
  });
}

function parsedLabels(text: string): ReturnType<typeof parseRequirements> {
  try {
    return parseRequirements(text).toSorted((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)));
  } catch {
    return [];
  }
}
