// Pure: the rights of the reference and of the load generator, and the flags that config/ gives Headroom.
import { parseAllDocuments } from 'yaml';

export const loadAccount = { namespace: 'kube-system', name: 'bench-load' };
export const referenceAccount = { namespace: 'kube-system', name: 'metrics-server' };

/** A v1 List: what the reference's own manifests grant it, and reading metrics for the load generator. */
export function benchmarkAccounts(): object {
  return {
    apiVersion: 'v1',
    kind: 'List',
    items: [
      serviceAccount(referenceAccount),
      serviceAccount(loadAccount),
      clusterRole('system:metrics-server', [
        { apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] },
        { apiGroups: [''], resources: ['pods', 'nodes'], verbs: ['get', 'list', 'watch'] },
      ]),
      clusterRole('bench-load', [
        { nonResourceURLs: ['/metrics'], verbs: ['get'] },
        { apiGroups: ['metrics.k8s.io'], resources: ['pods', 'nodes'], verbs: ['get', 'list'] },
      ]),
      binding('ClusterRoleBinding', 'system:metrics-server', 'ClusterRole', referenceAccount),
      binding('ClusterRoleBinding', 'bench-load', 'ClusterRole', loadAccount),
      binding('ClusterRoleBinding', 'system:auth-delegator', 'ClusterRole', referenceAccount, 'metrics-server:'),
      binding('RoleBinding', 'extension-apiserver-authentication-reader', 'Role', referenceAccount, 'metrics-server-'),
    ],
  };
}

/** The container's arguments in config/base/deployment.yaml. */
export function deploymentArguments(deploymentYaml: string): readonly string[] {
  const [deployment] = parseAllDocuments(deploymentYaml).map(
    (document) =>
      document.toJS() as { spec: { template: { spec: { containers: readonly { args: readonly string[] }[] } } } },
  );
  const args = deployment?.spec.template.spec.containers[0]?.args;
  if (args === undefined) throw new Error('config/base/deployment.yaml has no container with arguments');
  return args;
}

/** The flags that the image gives to Node itself. */
export function nodeFlags(dockerfile: string): readonly string[] {
  const entrypoint = /^ENTRYPOINT (?<command>\[.+\])$/m.exec(dockerfile)?.groups?.['command'];
  if (entrypoint === undefined) throw new Error('the Dockerfile has no ENTRYPOINT in exec form');
  return (JSON.parse(entrypoint) as readonly string[]).slice(1, -1);
}

interface Account {
  readonly namespace: string;
  readonly name: string;
}

function serviceAccount(metadata: Account): object {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata };
}

function clusterRole(name: string, rules: readonly object[]): object {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name }, rules };
}

function binding(kind: string, role: string, roleKind: string, account: Account, prefix = ''): object {
  const namespace = kind === 'RoleBinding' ? { namespace: account.namespace } : {};
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind,
    metadata: { name: `${prefix}${role}`, ...namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: roleKind, name: role },
    subjects: [{ kind: 'ServiceAccount', ...account }],
  };
}
