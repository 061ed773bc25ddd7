// Pure: which field of a metric spec or status belongs to which type.

/** Type -> field. Of these fields exactly one is set: the one of the type. */
export const metricSources = {
  Resource: 'resource',
  ContainerResource: 'containerResource',
  Pods: 'pods',
  Object: 'object',
  External: 'external',
} as const;
