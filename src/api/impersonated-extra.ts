// Pure: which extras may be asked for in the modes of impersonation that are bound to a request.

import type { UserInfo } from '../kube/user.ts';
import { goQuote } from '../lib/go-quote.ts';
import { isSubdomain } from './user-names.ts';

const pathText = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/;

/** What is wrong with them, in the words of the API machinery; undefined when nothing is. */
export function invalidExtra(extra: UserInfo['extra']): string | undefined {
  for (const [key, values] of Object.entries(extra)) {
    if (key === '') return 'impersonating the empty string key in extra is not allowed';
    if (!isDomainPrefixed(key)) {
      const rule = 'must be a domain-prefixed path (such as "acme.io/foo")';
      return `impersonating an invalid key in extra is not allowed: extra.key: Invalid value: ${goQuote(key)}: ${rule}`;
    }
    if (key !== key.toLowerCase()) return `impersonating a non-lowercase key in extra is not allowed: ${goQuote(key)}`;
    if (values.includes('')) return 'impersonating the empty string value in extra is not allowed';
  }
  return undefined;
}

function isDomainPrefixed(key: string): boolean {
  const slash = key.indexOf('/');
  return slash > 0 && isSubdomain(key.slice(0, slash)) && pathText.test(key.slice(slash + 1));
}
