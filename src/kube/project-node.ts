// Pure: core/v1 Node -> NodeView.
import type { NodeView } from '../lib/views.ts';
import { arrayOf, type Fields, fieldsOf, identityOf, numberOf, stringMapOf, textOf } from './raw-object.ts';

const resourceMetricsPathAnnotation = 'metrics.k8s.io/resource-metrics-path';

/** Throws HeadroomError OBJECT_INVALID for an object that is no node. */
export function projectNode(object: unknown): NodeView {
  const { name, uid } = identityOf(object);
  const metadata = fieldsOf(fieldsOf(object)['metadata']);
  const status = fieldsOf(fieldsOf(object)['status']);
  const kubeletEndpoint = fieldsOf(fieldsOf(status['daemonEndpoints'])['kubeletEndpoint']);
  const path = textOf(fieldsOf(metadata['annotations'])[resourceMetricsPathAnnotation]);
  return {
    name,
    uid,
    labels: stringMapOf(metadata['labels']),
    addresses: arrayOf(status['addresses']).map((raw) => {
      const address = fieldsOf(raw);
      return { type: textOf(address['type']), address: textOf(address['address']) };
    }),
    kubeletPort: numberOf(kubeletEndpoint['Port'], 0),
    resourceMetricsPath: path === '' ? undefined : path,
    ready: isReady(status),
  };
}

function isReady(status: Fields): boolean {
  return arrayOf(status['conditions']).some((raw) => {
    const condition = fieldsOf(raw);
    return condition['type'] === 'Ready' && condition['status'] === 'True';
  });
}
