// An ApiClient for one-shot calls that nock answers.

import { KubeConfig } from '@kubernetes/client-node';
import { type ClosableApiClient, createApiClient } from '../../src/kube/client.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { nock } from '../support/nocked.ts';

export const server = 'http://kube.test';

export function nockClient(clock: Clock = systemClock): ClosableApiClient {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromOptions({
    clusters: [{ name: 'c', server, skipTLSVerify: true }],
    users: [{ name: 'u' }],
    contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
    currentContext: 'x',
  });
  return createApiClient({ kubeConfig, clock, logger: silentLogger, userAgent: 'test', qps: -1, burst: 1 });
}

/** Discovery of core, apps and one CRD group with two versions. */
export function discoveryNock(): nock.Scope {
  return nock(server)
    .get('/apis')
    .reply(200, {
      kind: 'APIGroupList',
      groups: [
        group('apps', ['v1']),
        group('argoproj.io', ['v1beta1', 'v1alpha1'], 'v1alpha1'),
        group('broken.example', ['v1']),
      ],
    });
}

function group(name: string, versions: string[], preferred = versions[0]): object {
  return {
    name,
    versions: versions.map((version) => ({ groupVersion: `${name}/${version}`, version })),
    preferredVersion: { groupVersion: `${name}/${preferred}`, version: preferred },
  };
}

export function resourceList(...resources: object[]): object {
  return { kind: 'APIResourceList', resources };
}

export const appsResources = resourceList(
  { name: 'deployments', kind: 'Deployment', namespaced: true },
  { name: 'deployments/scale', kind: 'Scale', group: 'autoscaling', version: 'v1', namespaced: true },
  { name: 'daemonsets', kind: 'DaemonSet', namespaced: true },
);
