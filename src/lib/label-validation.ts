// Pure: which label keys and values Kubernetes accepts, and what it says of the others.

const subdomain = '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*';
const name = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const subdomainPattern = new RegExp(`^${subdomain}$`);
const namePattern = new RegExp(`^${name}$`);
const valuePattern = new RegExp(`^(${name})?$`);

const maxNameBytes = 63;
const maxSubdomainBytes = 253;

const nameRule =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
  `(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${name}')`;
const valueRule =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an " +
  `alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(${name})?')`;
const subdomainRule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an " +
  `alphanumeric character (e.g. 'example.com', regex used for validation is '${subdomain}')`;

/** What is wrong with a label key, in the words of apimachinery's content.IsLabelKey; empty when it is valid. */
export function labelKeyProblems(key: string): string[] {
  const parts = key.split('/');
  if (parts.length > 2) {
    return [`a valid label key ${nameRule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const [prefix, base = ''] = parts.length === 2 ? parts : [undefined, key];
  const problems = prefix === undefined ? [] : prefixProblems(prefix);
  if (base === '') problems.push('name part must be non-empty');
  else if (Buffer.byteLength(base) > maxNameBytes) problems.push(`name part ${tooLong(maxNameBytes)}`);
  if (!namePattern.test(base)) problems.push(`name part ${nameRule}`);
  return problems;
}

/** What is wrong with a label value, in the words of apimachinery's content.IsLabelValue; empty when it is valid. */
export function labelValueProblems(value: string): string[] {
  const problems = Buffer.byteLength(value) > maxNameBytes ? [tooLong(maxNameBytes)] : [];
  if (!valuePattern.test(value)) problems.push(valueRule);
  return problems;
}

function prefixProblems(prefix: string): string[] {
  if (prefix === '') return ['prefix part must be non-empty'];
  const problems = Buffer.byteLength(prefix) > maxSubdomainBytes ? [`prefix part ${tooLong(maxSubdomainBytes)}`] : [];
  if (!subdomainPattern.test(prefix)) problems.push(`prefix part ${subdomainRule}`);
  return problems;
}

function tooLong(maxBytes: number): string {
  return `must be no more than ${maxBytes} bytes`;
}
