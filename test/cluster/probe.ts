// Edge: one GET of a health or metrics endpoint.
import { request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';

const TIMEOUT_MS = 2_000;

export interface ProbeAnswer {
  readonly status: number;
  readonly body: string;
}

/** TLS and headers of the request; a server certificate is not checked unless `ca` is given. */
export type ProbeOptions = Pick<RequestOptions, 'ca' | 'cert' | 'key' | 'headers'>;

/** The answer, or undefined when there is none: refused, reset, or nothing within two seconds. */
export function probe(url: string, options: ProbeOptions = {}): Promise<ProbeAnswer | undefined> {
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    const request = send(
      url,
      { ...options, rejectUnauthorized: options.ca !== undefined, agent: false, timeout: TIMEOUT_MS },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (text: string) => {
          body += text;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
        response.on('error', () => resolve(undefined));
      },
    );
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
    request.end();
  });
}
