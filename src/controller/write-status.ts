// Edge: writes the status of an autoscaler, when it differs from the stored one.
import { isDeepStrictEqual } from 'node:util';
import { parseAutoscaler } from '../crd/parse.ts';
import { printColumns } from '../crd/print-columns.ts';
import { renderHeadroomStatus, renderStatus } from '../crd/render.ts';
import { autoscalerPath } from '../crd/resources.ts';
import type { Autoscaler, AutoscalerStatus } from '../crd/types.ts';
import { isConflict, isNotFound } from '../kube/api-status-error.ts';
import type { ApiClient } from '../kube/types.ts';
import { errorMessage } from '../lib/errors.ts';
import { statusChange } from './status-change.ts';
import { newForeignWriters, statusManager } from './status-writers.ts';

export type StatusOutcome =
  /** The stored status says it already. */
  | { readonly kind: 'unchanged' }
  /** Only its values changed, and others had more to say. */
  | { readonly kind: 'left-out' }
  /** The object as it is stored now. */
  | { readonly kind: 'written'; readonly autoscaler: Autoscaler }
  /** The object is gone, its spec has changed, or another controller wrote its status: ours would be about something that is no more. */
  | { readonly kind: 'superseded' }
  | { readonly kind: 'failed'; readonly message: string };

const maxWrites = 5;

/**
 * Patches the status, based on the resourceVersion that was decided on. After a conflict the object is read again, and the patch repeated as long
 * as its spec is the one that was decided on, and nobody else wrote a status: labels, annotations and our own earlier status may change beside us.
 */
export async function writeStatus(
  api: ApiClient,
  autoscaler: Autoscaler,
  status: AutoscalerStatus,
  signal?: AbortSignal,
): Promise<StatusOutcome> {
  if (statusChange(autoscaler, status) === 'none') return { kind: 'unchanged' };
  const printed = autoscaler.kind === 'HeadroomAutoscaler' ? printColumns(autoscaler.spec, status) : undefined;
  const rendered = printed === undefined ? renderStatus(status) : renderHeadroomStatus(status, printed);
  try {
    return await patchStatus(api, autoscaler, rendered, signal);
  } catch (error) {
    return isNotFound(error) ? { kind: 'superseded' } : { kind: 'failed', message: errorMessage(error) };
  }
}

async function patchStatus(
  api: ApiClient,
  decidedOn: Autoscaler,
  status: object,
  signal?: AbortSignal,
): Promise<StatusOutcome> {
  const path = autoscalerPath(decidedOn);
  const read = (object: unknown): Autoscaler => parseAutoscaler(object, decidedOn.kind);
  let { resourceVersion } = decidedOn;
  for (let write = 1; ; write++) {
    try {
      const patched = await api.request({
        method: 'PATCH',
        path: `${path}/status`,
        query: { fieldManager: statusManager },
        contentType: 'application/merge-patch+json',
        body: { metadata: { resourceVersion }, status },
        // It had its turn.
        isPrepaid: write === 1,
        priority: 'urgent',
        signal,
      });
      return { kind: 'written', autoscaler: read(patched) };
    } catch (error) {
      if (!isConflict(error) || write === maxWrites) throw error;
    }
    const latest = read(await api.request({ method: 'GET', path, signal }));
    if (latest.uid !== decidedOn.uid || !isDeepStrictEqual(latest.spec, decidedOn.spec)) return { kind: 'superseded' };
    // Another controller is there. Whether it is, is not for this write to say; but its status stays.
    if (newForeignWriters(latest, decidedOn).length > 0) return { kind: 'superseded' };
    resourceVersion = latest.resourceVersion;
  }
}
