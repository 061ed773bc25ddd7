// Pure: the same autoscaler as our own kind.
import type { ApiWrite } from './model.ts';
import { hpaPath } from './writes.ts';

const group = 'autoscaling.headroom.dev/v1alpha1';
export const hraPath = `/apis/${group}/headroomautoscalers`;
const hpaApi = hpaPath.slice(0, hpaPath.lastIndexOf('/'));
const hpaResource = hpaPath.slice(hpaApi.length);

/** What is not about an HPA stays as it is. */
export function asHra(write: ApiWrite): ApiWrite {
  if (!write.path.startsWith(`${hpaApi}/`)) return write;
  const path = write.path.replace(hpaApi, `/apis/${group}`).replace(hpaResource, '/headroomautoscalers');
  if (write.body === undefined) return { ...write, path };
  return { ...write, path, body: { ...write.body, apiVersion: group, kind: 'HeadroomAutoscaler' } };
}
