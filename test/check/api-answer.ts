// What a real API server says to a manifest that is to be created, without creating it.
import { Agent, request } from 'undici';
import type { ControlPlane } from '../cluster/control-plane.ts';
import type { ManifestCase } from './manifests.ts';

/** The part of the answer that `headroom check` must know; `{}` for an object that is admitted. */
export interface ApiAnswer {
  readonly message?: string;
  readonly causes?: readonly { readonly field: string; readonly message: string }[];
}

/** Asks for each of the manifests by title, as they are: `POST ?dryRun=All&fieldValidation=Strict`. */
export async function askApiServer(
  controlPlane: ControlPlane,
  cases: readonly ManifestCase[],
): Promise<Record<string, ApiAnswer>> {
  const { certificatePem: cert, keyPem: key } = controlPlane.credentials.admin;
  const agent = new Agent({ connect: { ca: controlPlane.caPem, cert, key } });
  const answers: Record<string, ApiAnswer> = {};
  try {
    for (const one of cases) {
      const { body, statusCode } = await request(`${controlPlane.serverUrl}${pathOf(one.manifest)}`, {
        dispatcher: agent,
        method: 'POST',
        query: { dryRun: 'All', fieldValidation: 'Strict' },
        headers: { 'content-type': one.manifest.startsWith('{') ? 'application/json' : 'application/yaml' },
        body: one.manifest,
      });
      answers[one.title] = answerOf(statusCode, (await body.json()) as Status);
    }
    return answers;
  } finally {
    await agent.close();
  }
}

interface Status {
  readonly message: string;
  readonly details?: { readonly causes?: readonly { readonly field: string; readonly message: string }[] };
}

function answerOf(statusCode: number, status: Status): ApiAnswer {
  if (statusCode === 201) return {};
  const causes = (status.details?.causes ?? []).map(({ field, message }) => ({ field, message }));
  return { message: status.message, ...(causes.length > 0 && { causes }) };
}

function pathOf(manifest: string): string {
  const apiVersion = /"?apiVersion"?: "?([^\s",]+)/.exec(manifest)?.[1] ?? '';
  const namespace = /namespace: (\w+)/.exec(manifest)?.[1] ?? 'default';
  const kind = manifest.includes('HeadroomAutoscaler') ? 'headroomautoscalers' : 'horizontalpodautoscalers';
  return `/apis/${apiVersion}/namespaces/${namespace}/${kind}`;
}
