// Pure: which names Kubernetes takes, and what it says of the others (k8s.io/apimachinery pkg/api/validate/content).
import { labelKeyProblems } from '../lib/label-validation.ts';

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomain = `${label}(\\.${label})*`;
const labelPattern = new RegExp(`^${label}$`);
const subdomainPattern = new RegExp(`^${subdomain}$`);

/** A lowercase RFC 1123 label: containers, namespaces. */
export function dnsLabelProblems(name: string): string[] {
  const problems = tooLong(name, 63);
  if (labelPattern.test(name)) return problems;
  if (subdomainPattern.test(name)) problems.push('must not contain dots');
  else {
    problems.push(
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an " +
        `alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${label}')`,
    );
  }
  return problems;
}

/** A lowercase RFC 1123 subdomain: most objects. */
export function dnsSubdomainProblems(name: string): string[] {
  const problems = tooLong(name, 253);
  if (!subdomainPattern.test(name)) {
    problems.push(
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an " +
        `alphanumeric character (e.g. 'example.com', regex used for validation is '${subdomain}')`,
    );
  }
  return problems;
}

/** The front of a generated name may end with a dash. */
export function dnsSubdomainPrefixProblems(prefix: string): string[] {
  return dnsSubdomainProblems(prefix.length > 1 && prefix.endsWith('-') ? `${prefix.slice(0, -2)}a` : prefix);
}

/** A segment of a URL path. */
export function pathSegmentProblems(name: string): string[] {
  if (name === '.' || name === '..') return [`may not be '${name}'`];
  return ['/', '%'].filter((part) => name.includes(part)).map((part) => `may not contain '${part}'`);
}

const containerResources: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);
const quotaOnlyResources = [
  ...['requests', 'limits'].flatMap((side) => [...containerResources].map((resource) => `${side}.${resource}`)),
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'storage',
  'requests.storage',
  'services.nodeports',
  'services.loadbalancers',
];
const standardResources: ReadonlySet<string> = new Set([...containerResources, ...quotaOnlyResources]);

/** A resource that a container can request (pkg/apis/core/v1/validation, ValidateContainerResourceName). */
export function containerResourceProblems(name: string): string[] {
  const problems = labelKeyProblems(name);
  if (name.includes('/')) {
    if (!name.includes('kubernetes.io/') && !isExtendedResource(name)) {
      problems.push("doesn't follow extended resource name standard");
    }
    return problems;
  }
  const isHugePage = name.startsWith('hugepages-');
  const isStandard = standardResources.has(name) || isHugePage || name.startsWith('requests.hugepages-');
  if (problems.length === 0 && !isStandard) problems.push('must be a standard resource type or fully qualified');
  if (!containerResources.has(name) && !isHugePage) problems.push('must be a standard resource for containers');
  return problems;
}

function isExtendedResource(name: string): boolean {
  return !name.startsWith('requests.') && labelKeyProblems(`requests.${name}`).length === 0;
}

/** Upstream counts bytes and says characters. */
function tooLong(name: string, maxBytes: number): string[] {
  return Buffer.byteLength(name) > maxBytes ? [`must be no more than ${maxBytes} characters`] : [];
}
