// Pure: who a request asks to be taken for, by its Impersonate-… headers.

import type { UserInfo } from '../kube/user.ts';
import { goQuote } from '../lib/go-quote.ts';
import type { Credentials } from './authenticate.ts';
import { extraValues, firstHeaderValue, headerValues } from './header-values.ts';
import { badRequest, StatusError } from './status.ts';

const extraPrefix = 'impersonate-extra-';

/** Is there anything to be read? Hardly ever. */
export function namesImpersonation(headers: Credentials['headers']): boolean {
  return Object.keys(headers).some((name) => name.startsWith('impersonate-'));
}

/** Exactly what the headers say; undefined when they ask for nobody. Throws StatusError 400 for groups, UID or extras without a name. */
export function readImpersonation(headers: Credentials['headers']): UserInfo | undefined {
  const extra = new Map<string, string[]>();
  extraValues(headers, extraPrefix, extra);
  const wanted: UserInfo = {
    name: firstHeaderValue(headers, 'impersonate-user'),
    uid: firstHeaderValue(headers, 'impersonate-uid'),
    groups: headerValues(headers, 'impersonate-group'),
    extra: Object.fromEntries(extra),
  };
  if (wanted.name !== '') return wanted;
  if (wanted.uid === '' && wanted.groups.length === 0 && extra.size === 0) return undefined;
  throw new StatusError(badRequest(`requested ${goSyntax(wanted)} without impersonating a user name`));
}

/** As %#v prints a pointer to a user.DefaultInfo. */
function goSyntax({ uid, groups, extra }: UserInfo): string {
  const entries = Object.keys(extra)
    .toSorted()
    .map((key) => `${goQuote(key)}:${goStrings(extra[key] ?? [])}`);
  const extras = `map[string][]string${entries.length === 0 ? '(nil)' : `{${entries.join(', ')}}`}`;
  const shownGroups = groups.length === 0 ? '[]string(nil)' : goStrings(groups);
  return `&user.DefaultInfo{Name:"", UID:${goQuote(uid)}, Groups:${shownGroups}, Extra:${extras}}`;
}

function goStrings(values: readonly string[]): string {
  return `[]string{${values.map(goQuote).join(', ')}}`;
}
