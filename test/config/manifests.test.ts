import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { autoscalerResources } from '../../src/crd/resources.ts';
import { readCommand } from '../../src/options.ts';
import {
  findKubectl,
  kustomize,
  type Manifest,
  one,
  type PolicyRule,
  readBase,
  readKustomization,
  readManifests,
  readText,
} from './manifests.ts';

const base = readBase();
const podTemplate = one(base, 'Deployment').spec.template;
const container = podTemplate.spec.containers[0];

describe('config/base', () => {
  it('lists every manifest of its folder', () => {
    const files = readdirSync(fileURLToPath(new URL('../../config/base', import.meta.url)));
    expect(readKustomization('config/base').resources).to.have.members(
      files.filter((file) => file !== 'kustomization.yaml'),
    );
  });

  it('gives every object a version, a kind, a name, and the label of the program', () => {
    for (const { apiVersion, kind, metadata } of base) {
      expect(apiVersion, kind).to.match(/^([a-z0-9.]+\/)?v\d/);
      expect(kind).to.match(/^[A-Z]/);
      expect(metadata.name, kind).to.be.a('string');
      expect(metadata.labels, `${kind} ${metadata.name}`).to.include({ 'app.kubernetes.io/name': 'headroom' });
    }
  });

  it('puts every namespaced object into headroom-system, but for one RoleBinding', () => {
    const clusterScoped = ['Namespace', 'ClusterRole', 'ClusterRoleBinding', 'APIService'];
    const elsewhere = base.filter(
      ({ kind, metadata }) => !clusterScoped.includes(kind) && metadata.namespace !== 'headroom-system',
    );
    expect(elsewhere.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`)).to.deep.equal([
      'RoleBinding kube-system/headroom-auth-reader',
    ]);
  });

  it('registers metrics.k8s.io as metrics-server does (M-152)', () => {
    const apiService = one(base, 'APIService');
    expect(apiService.metadata.name).to.equal('v1beta1.metrics.k8s.io');
    expect(apiService.spec).to.deep.equal({
      group: 'metrics.k8s.io',
      version: 'v1beta1',
      groupPriorityMinimum: 100,
      versionPriority: 100,
      insecureSkipTLSVerify: true,
      service: { name: 'headroom', namespace: 'headroom-system', port: 443 },
    });
  });

  it('leads from the APIService through the Service to the port of the pod', () => {
    const service = one(base, 'Service');
    const [port] = service.spec.ports;
    expect(one(base, 'APIService').spec.service).to.deep.include({ name: service.metadata.name, port: port.port });
    expect(podTemplate.metadata.labels).to.include(service.spec.selector);
    expect(one(base, 'Deployment').spec.selector.matchLabels).to.deep.equal(service.spec.selector);
    const [target] = container.ports;
    expect(target.name).to.equal(port.targetPort);
    expect(container.args).to.include(`--secure-port=${target.containerPort}`);
  });
});

describe('the Deployment', () => {
  it('meets the restricted Pod Security Standard, which its namespace enforces', () => {
    expect(one(base, 'Namespace').metadata.labels).to.include({ 'pod-security.kubernetes.io/enforce': 'restricted' });
    expect(podTemplate.spec.securityContext).to.deep.equal({
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container.securityContext).to.deep.equal({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(podTemplate.spec).to.not.have.any.keys('hostNetwork', 'hostPID', 'hostIPC', 'initContainers');
    for (const volume of podTemplate.spec.volumes) expect(volume).to.have.all.keys('name', 'emptyDir');
  });

  it('has places to write where --cert-dir and --state-dir point, and nowhere else', () => {
    const folderOf = (flag: string): string =>
      container.args.find((arg: string) => arg.startsWith(`${flag}=`)).slice(flag.length + 1);
    expect(container.volumeMounts).to.deep.equal([
      { name: 'tmp', mountPath: folderOf('--cert-dir') },
      { name: 'state', mountPath: folderOf('--state-dir') },
    ]);
    expect(podTemplate.spec.volumes.map(({ name }: { name: string }) => name)).to.deep.equal(['tmp', 'state']);
  });

  it('probes /livez and /readyz over HTTPS on the named port', () => {
    const httpGet = (path: string): object => ({ path, port: 'https', scheme: 'HTTPS' });
    expect(container.livenessProbe.httpGet).to.deep.equal(httpGet('/livez'));
    expect(container.readinessProbe.httpGet).to.deep.equal(httpGet('/readyz'));
    expect(container.startupProbe.httpGet).to.deep.equal(httpGet('/livez'));
  });

  it('asks for resources and comes before ordinary pods', () => {
    expect(container.resources).to.deep.equal({ requests: { cpu: '100m', memory: '400Mi' } });
    expect(podTemplate.spec.priorityClassName).to.equal('system-cluster-critical');
  });

  it('runs as the ServiceAccount that the roles are bound to', () => {
    const { name, namespace } = one(base, 'ServiceAccount', 'headroom').metadata;
    expect(podTemplate.spec.serviceAccountName).to.equal(name);
    const bindings = base.filter(
      ({ kind, metadata }) => kind.endsWith('Binding') && metadata.name !== 'headroom-kubelets',
    );
    for (const binding of bindings) {
      expect(binding.subjects, binding.metadata.name).to.deep.equal([{ kind: 'ServiceAccount', name, namespace }]);
    }
  });

  it('shows kubelets tokens of another ServiceAccount, which may do nothing else', () => {
    const { name, namespace } = one(base, 'ServiceAccount', 'headroom-kubelets').metadata;
    expect(container.args).to.include(`--kubelet-service-account=${name}`);
    const bindings = base.filter(({ subjects }) => subjects?.some((subject) => subject.name === name));
    expect(bindings.map(({ subjects, roleRef }) => ({ subjects, role: roleRef?.name }))).to.deep.equal([
      { subjects: [{ kind: 'ServiceAccount', name, namespace }], role: name },
    ]);
    expect(one(base, 'ClusterRole', name).rules).to.deep.equal([
      { apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] },
    ]);
  });

  it('gives only flags and values that the program takes', () => {
    const command = readCommand(container.args, { POD_NAMESPACE: 'headroom-system', POD_NAME: 'headroom-0' }, '0.1.0');
    expect(command).to.deep.include({ kind: 'run', warnings: [] });
    if (command.kind !== 'run') return;
    expect(command.options.kubelet).to.include({ resolutionMs: 15_000, useNodeStatusPort: true });
    expect(command.options.leaderElection.enabled).to.equal(true);
  });

  it('tells the program its pod and namespace', () => {
    const fields = container.env.map((each: { name: string; valueFrom: { fieldRef: { fieldPath: string } } }) => [
      each.name,
      each.valueFrom.fieldRef.fieldPath,
    ]);
    expect(fields).to.deep.equal([
      ['POD_NAME', 'metadata.name'],
      ['POD_NAMESPACE', 'metadata.namespace'],
    ]);
  });

  it('runs an image of the version in package.json', () => {
    const { version } = JSON.parse(readText('package.json')) as { version: string };
    expect(container.image).to.equal(`headroom:${version}`);
  });
});

describe('the rights of Headroom', () => {
  /** `verbs group/resource` for each, names in brackets. */
  const flatten = (rules: readonly PolicyRule[] = []): string[] =>
    rules.flatMap(({ apiGroups, resources, verbs, resourceNames }) =>
      apiGroups.flatMap((group) =>
        resources.map((resource) => {
          const names = resourceNames === undefined ? '' : ` [${resourceNames.join(',')}]`;
          return `${verbs.join(',')} ${group === '' ? 'core' : group}/${resource}${names}`;
        }),
      ),
    );

  it('are these in the cluster', () => {
    expect(flatten(one(base, 'ClusterRole', 'headroom').rules)).to.deep.equal([
      'list,watch core/nodes',
      'list,watch core/pods',
      'get,list,watch autoscaling/horizontalpodautoscalers',
      'patch autoscaling/horizontalpodautoscalers/status',
      'get,list,watch autoscaling.headroom.dev/headroomautoscalers',
      'patch autoscaling.headroom.dev/headroomautoscalers/status',
      'get,update */*/scale',
      'list,watch apps/deployments',
      'list,watch apps/replicasets',
      'list,watch apps/statefulsets',
      'list,watch core/replicationcontrollers',
      'create,patch core/events',
    ]);
  });

  it('are these in its own namespace', () => {
    expect(flatten(one(base, 'Role').rules)).to.deep.equal([
      'create core/serviceaccounts/token [headroom-kubelets]',
      'create coordination.k8s.io/leases',
      'get,update coordination.k8s.io/leases [headroom]',
      'create,delete autoscaling/horizontalpodautoscalers',
    ]);
  });

  it('name the lease that the program uses by default', () => {
    const command = readCommand([], {}, '0.1.0');
    if (command.kind !== 'run') throw new Error('the defaults are refused');
    expect(flatten(one(base, 'Role').rules)).to.include(
      `get,update coordination.k8s.io/leases [${command.options.leaderElection.leaseName}]`,
    );
  });

  it('contain one wildcard: scale subresources', () => {
    const wildcards = base
      .flatMap(({ rules }) => rules ?? [])
      .filter((rule) => [...rule.apiGroups, ...rule.resources, ...rule.verbs].some((each) => each.includes('*')));
    expect(wildcards).to.deep.equal([{ apiGroups: ['*'], resources: ['*/scale'], verbs: ['get', 'update'] }]);
  });

  it('reach no secret, no exec, no impersonation, no other role, and no ServiceAccount but that for kubelets', () => {
    const forbidden = /secrets|configmaps|exec|portforward|proxy|impersonate|escalate|bind|roles|serviceaccounts/;
    expect(base.flatMap(({ rules }) => flatten(rules)).filter((right) => forbidden.test(right))).to.deep.equal([
      'create core/serviceaccounts/token [headroom-kubelets]',
    ]);
  });

  it('include the bindings that an aggregated API server needs (M-151)', () => {
    const bindings = base.filter(({ kind }) => kind.endsWith('Binding'));
    expect(
      bindings.map(({ metadata, roleRef }) => `${metadata.name} -> ${roleRef?.kind} ${roleRef?.name}`),
    ).to.have.members([
      'headroom -> ClusterRole headroom',
      'headroom -> Role headroom',
      'headroom-kubelets -> ClusterRole headroom-kubelets',
      'headroom:system:auth-delegator -> ClusterRole system:auth-delegator',
      'headroom-auth-reader -> Role extension-apiserver-authentication-reader',
    ]);
  });

  it('cover the status of the kinds that the program reconciles', () => {
    const rights = flatten(one(base, 'ClusterRole', 'headroom').rules);
    for (const { group, plural } of Object.values(autoscalerResources)) {
      expect(rights).to.include(`get,list,watch ${group}/${plural}`);
      expect(rights).to.include(`patch ${group}/${plural}/status`);
    }
  });

  it('say, rule by rule, who needs them', () => {
    for (const file of ['config/base/rbac.yaml', 'config/base/rbac-users.yaml']) {
      const lines = readText(file).split('\n');
      const rules = lines.flatMap((line, index) => (line.startsWith('  - apiGroups:') ? [index] : []));
      expect(rules, file).to.have.lengthOf(readManifests(file).flatMap((each) => each.rules ?? []).length);
      for (const rule of rules) expect(lines[rule - 1], `${file}:${rule + 1}`).to.match(/^ {2}# /);
    }
  });
});

describe('the rights of users', () => {
  const aggregatesTo = ({ metadata }: Manifest): string[] =>
    Object.keys(metadata.labels ?? {})
      .filter((label) => label.startsWith('rbac.authorization.k8s.io/aggregate-to-'))
      .map((label) => label.slice('rbac.authorization.k8s.io/aggregate-to-'.length));

  it('let whoever may view use kubectl top (M-151)', () => {
    const role = one(base, 'ClusterRole', 'system:aggregated-metrics-reader');
    expect(aggregatesTo(role)).to.have.members(['view', 'edit', 'admin']);
    expect(role.rules).to.deep.equal([
      { apiGroups: ['metrics.k8s.io'], resources: ['pods', 'nodes'], verbs: ['get', 'list', 'watch'] },
    ]);
  });

  it('let viewers read HeadroomAutoscalers and editors change them, but not their status', () => {
    expect(aggregatesTo(one(base, 'ClusterRole', 'headroom-autoscalers-view'))).to.have.members([
      'view',
      'edit',
      'admin',
    ]);
    const edit = one(base, 'ClusterRole', 'headroom-autoscalers-edit');
    expect(aggregatesTo(edit)).to.have.members(['edit', 'admin']);
    expect(edit.rules?.flatMap(({ resources }) => resources)).to.deep.equal(['headroomautoscalers']);
  });
});

describe('config/samples', () => {
  const samples = readManifests('config/samples/php-apache.yaml');
  const [twin] = readManifests('config/samples/php-apache-headroomautoscaler.yaml');

  it('php-apache scales a Deployment with requests on half of its CPU', () => {
    const deployment = one(samples, 'Deployment');
    const autoscaler = one(samples, 'HorizontalPodAutoscaler');
    expect(autoscaler.apiVersion).to.equal('autoscaling/v2');
    expect(autoscaler.spec.scaleTargetRef).to.deep.equal({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      name: deployment.metadata.name,
    });
    expect(deployment.spec.template.spec.containers[0].resources.requests).to.have.property('cpu');
    expect(deployment.spec).to.not.have.property('replicas');
    expect(autoscaler.spec.metrics[0].resource).to.deep.equal({
      name: 'cpu',
      target: { type: 'Utilization', averageUtilization: 50 },
    });
  });

  it('as a HeadroomAutoscaler it differs in apiVersion and kind only', () => {
    const { group, version, kind } = autoscalerResources.HeadroomAutoscaler;
    const { apiVersion: _apiVersion, kind: _kind, ...rest } = one(samples, 'HorizontalPodAutoscaler');
    expect(twin).to.deep.equal({ apiVersion: `${group}/${version}`, kind, ...rest });
  });
});

describe('kustomize', () => {
  const kubectl = findKubectl();
  if (kubectl === undefined) {
    it('renders the overlays (skipped: no kubectl; set HEADROOM_KUBECTL to one)');
    return;
  }

  const kinds = (manifests: readonly Manifest[]): Set<string> => new Set(manifests.map(({ kind }) => kind));

  it('renders the default overlay: base and CRD', () => {
    const rendered = kustomize(kubectl, 'config/overlays/default');
    expect(rendered).to.have.lengthOf(base.length + 1);
    const definition = one(rendered, 'CustomResourceDefinition');
    const { group, plural } = autoscalerResources.HeadroomAutoscaler;
    expect(definition.metadata.name).to.equal(`${plural}.${group}`);
    expect(one(rendered, 'Deployment').spec).to.deep.equal(one(base, 'Deployment').spec);
  });

  it('renders the test overlay: no Deployment, and an APIService that leads to localhost', () => {
    const rendered = kustomize(kubectl, 'config/overlays/test');
    expect(kinds(rendered)).to.not.include.any.keys('Deployment', 'PodDisruptionBudget');
    const { spec } = one(rendered, 'Service');
    expect(spec).to.deep.include({ type: 'ExternalName', externalName: 'localhost' });
    expect(spec).to.not.have.property('selector');
    expect(spec.ports[0].port).to.equal(65_535);
    expect(one(rendered, 'APIService').spec.service.port).to.equal(65_535);
    expect(one(rendered, 'ClusterRole', 'headroom')).to.deep.equal(one(base, 'ClusterRole', 'headroom'));
  });

  it('renders the components: two replicas on different nodes, and a flag', () => {
    const rendered = kustomize(kubectl, 'test/config/components');
    const { spec } = one(rendered, 'Deployment');
    expect(spec.replicas).to.equal(2);
    expect(spec.strategy.rollingUpdate.maxUnavailable).to.equal(1);
    const [term] = spec.template.spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution;
    expect(term.topologyKey).to.equal('kubernetes.io/hostname');
    expect(spec.template.metadata.labels).to.include(term.labelSelector.matchLabels);
    const budget = one(rendered, 'PodDisruptionBudget');
    expect(budget.spec).to.deep.equal({ minAvailable: 1, selector: spec.selector });
    expect(spec.template.spec.containers[0].args).to.deep.equal([...container.args, '--kubelet-insecure-tls']);
    expect(readCommand(spec.template.spec.containers[0].args, {}, '0.1.0').kind).to.equal('run');
  });

  it('grants the reading of custom and external metrics, whatever their names, only with the component for it', () => {
    const rendered = kustomize(kubectl, 'test/config/components');
    expect(one(rendered, 'ClusterRole', 'headroom-custom-metrics').rules).to.deep.equal([
      { apiGroups: ['custom.metrics.k8s.io'], resources: ['*'], verbs: ['get'] },
      { apiGroups: ['external.metrics.k8s.io'], resources: ['*'], verbs: ['list'] },
    ]);
    const { subjects } = one(rendered, 'ClusterRoleBinding', 'headroom-custom-metrics');
    expect(subjects).to.deep.equal([{ kind: 'ServiceAccount', name: 'headroom', namespace: 'headroom-system' }]);
    expect(JSON.stringify(base)).not.to.include('custom.metrics.k8s.io');
  });
});
