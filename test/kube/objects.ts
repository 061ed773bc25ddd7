// Builders of raw API objects, as they come off the wire; valid by default.
import type { FakeObject } from '../support/fake-apiserver.ts';

export interface PodOptions {
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Record<string, string>;
  readonly nodeName?: string;
  readonly phase?: string;
  readonly spec?: object;
  readonly status?: object;
  readonly metadata?: object;
}

export function rawPod(options: PodOptions = {}): FakeObject {
  const {
    name = 'web-1',
    namespace = 'default',
    labels = { app: 'web' },
    nodeName = 'node-1',
    phase = 'Running',
  } = options;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, uid: `uid-${namespace}-${name}`, labels, ...options.metadata },
    spec: {
      nodeName,
      containers: [{ name: 'main', image: 'web', resources: { requests: { cpu: '100m', memory: '64Mi' } } }],
      ...options.spec,
    },
    status: {
      phase,
      startTime: '2026-11-21T10:00:00Z',
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-11-21T10:00:05Z' }],
      ...options.status,
    },
  };
}

/** A ConfigMap-like object with a value, for tests that care about the machinery only. */
export function rawThing(name: string, value: number | string = 0, namespace = 'default'): FakeObject {
  return { apiVersion: 'v1', kind: 'Thing', metadata: { name, namespace }, value };
}

export const things = '/api/v1/things';
