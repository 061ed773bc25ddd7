// Edge: what the lines of docs/seeds.md use of curl, for machines that have none: -s, -k, -H and one URL.
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  options: {
    silent: { type: 'boolean', short: 's' },
    insecure: { type: 'boolean', short: 'k' },
    header: { type: 'string', short: 'H', multiple: true },
  },
  allowPositionals: true,
});
const [url = ''] = positionals;
// The server indents JSON for this user agent.
const headers = Object.fromEntries([['user-agent', 'curl/8'], ...(values.header ?? []).map(splitHeader)]) as Record<
  string,
  string
>;
const send = url.startsWith('https:') ? httpsRequest : httpRequest;
const request = send(url, { headers, rejectUnauthorized: values.insecure !== true }, (response) => {
  response.pipe(process.stdout);
});
request.on('error', ({ message }) => {
  process.stderr.write(`curl: ${message}\n`);
  process.exitCode = 7;
});
request.end();

function splitHeader(header: string): [string, string] {
  const colon = header.indexOf(':');
  return [header.slice(0, colon).trim(), header.slice(colon + 1).trim()];
}
