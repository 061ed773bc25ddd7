// Pure: the Go types of metadata and of what refers to other objects (k8s.io/apimachinery pkg/apis/meta/v1/types.go).
import { anything, boolean, int64, list, map, string, struct, text, time } from './go-type.ts';

export const objectMeta = struct('v1.ObjectMeta', {
  name: string,
  generateName: string,
  namespace: string,
  selfLink: string,
  uid: text('types.UID'),
  resourceVersion: string,
  generation: int64,
  creationTimestamp: time,
  deletionTimestamp: time,
  deletionGracePeriodSeconds: int64,
  labels: map(string),
  annotations: map(string),
  ownerReferences: list(
    struct('v1.OwnerReference', {
      apiVersion: string,
      kind: string,
      name: string,
      uid: text('types.UID'),
      controller: boolean,
      blockOwnerDeletion: boolean,
    }),
  ),
  finalizers: list(string),
  managedFields: list(
    struct('v1.ManagedFieldsEntry', {
      manager: string,
      operation: text('v1.ManagedFieldsOperationType'),
      apiVersion: string,
      time,
      fieldsType: string,
      fieldsV1: anything,
      subresource: string,
    }),
  ),
});

export const labelSelector = struct('v1.LabelSelector', {
  matchLabels: map(string),
  matchExpressions: list(
    struct('v1.LabelSelectorRequirement', {
      key: string,
      operator: text('v1.LabelSelectorOperator'),
      values: list(string),
    }),
  ),
});

/** apiVersion and kind, which every object has. */
export const typeMeta = { kind: string, apiVersion: string } as const;
