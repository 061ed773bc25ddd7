// Pure: which programs a test cluster is made of and how each is built.

const KUBERNETES_VERSION = 'v1.36.3';
const METRICS_SERVER_VERSION = 'v0.9.0';

// Without its version a component reports v0.0.0, and clients refuse to talk to it.
const kubernetesFlags: readonly string[] = [
  '-ldflags',
  [
    '-s -w',
    `-X k8s.io/component-base/version.gitVersion=${KUBERNETES_VERSION}`,
    '-X k8s.io/component-base/version.gitMajor=1',
    '-X k8s.io/component-base/version.gitMinor=36',
    `-X k8s.io/client-go/pkg/version.gitVersion=${KUBERNETES_VERSION}`,
  ].join(' '),
];

// metrics-server is built as its own releases are: with component-base's version set it turns on feature gates that its
// releases leave off, and would not be the program we compare ourselves with.
const metricsServerFlags: readonly string[] = [
  '-trimpath',
  '-ldflags',
  `-w -X k8s.io/client-go/pkg/version.gitVersion=${METRICS_SERVER_VERSION}`,
];

/** All programs by the name of their binary, in build order: those that most runs need come first. */
export const allTools = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubectl',
  'kubelet',
  'kwok',
  'metrics-server',
  'custom-metrics-adapter',
  'vpa-recommender',
  'writable-metrics-adapter',
  'promtool',
] as const;

export type ToolName = (typeof allTools)[number];

interface BuildRecipe {
  readonly goPackage: string;
  /** The folder below this one whose go.mod pins the program; programs that need other versions of the same libraries have their own. */
  readonly module: string;
  /** Flags of `go build`. */
  readonly flags: readonly string[];
}

const CLUSTER_MODULE = '.';

export const buildRecipes: Readonly<Record<ToolName, BuildRecipe>> = {
  etcd: { goPackage: 'go.etcd.io/etcd/server/v3', module: CLUSTER_MODULE, flags: kubernetesFlags },
  'kube-apiserver': {
    goPackage: 'k8s.io/kubernetes/cmd/kube-apiserver',
    module: CLUSTER_MODULE,
    flags: kubernetesFlags,
  },
  'kube-controller-manager': {
    goPackage: 'k8s.io/kubernetes/cmd/kube-controller-manager',
    module: CLUSTER_MODULE,
    flags: kubernetesFlags,
  },
  'kube-scheduler': {
    goPackage: 'k8s.io/kubernetes/cmd/kube-scheduler',
    module: CLUSTER_MODULE,
    flags: kubernetesFlags,
  },
  kubectl: { goPackage: 'k8s.io/kubernetes/cmd/kubectl', module: CLUSTER_MODULE, flags: kubernetesFlags },
  kubelet: { goPackage: 'k8s.io/kubernetes/cmd/kubelet', module: CLUSTER_MODULE, flags: kubernetesFlags },
  kwok: { goPackage: 'sigs.k8s.io/kwok/cmd/kwok', module: CLUSTER_MODULE, flags: kubernetesFlags },
  'metrics-server': {
    goPackage: 'sigs.k8s.io/metrics-server/cmd/metrics-server',
    module: CLUSTER_MODULE,
    flags: metricsServerFlags,
  },
  'custom-metrics-adapter': {
    goPackage: 'sigs.k8s.io/custom-metrics-apiserver/test-adapter',
    module: CLUSTER_MODULE,
    flags: kubernetesFlags,
  },
  'vpa-recommender': {
    goPackage: 'k8s.io/autoscaler/vertical-pod-autoscaler/pkg/recommender',
    module: 'modules/vpa-recommender',
    flags: ['-ldflags', '-s -w'],
  },
  'writable-metrics-adapter': {
    goPackage: '.',
    module: 'modules/writable-metrics-adapter',
    flags: ['-ldflags', '-s -w'],
  },
  promtool: {
    goPackage: 'github.com/prometheus/prometheus/cmd/promtool',
    module: 'modules/promtool',
    // Without the clients of all clouds, which take most of the time and are not needed to check metrics.
    flags: ['-tags', 'remove_all_sd', '-ldflags', '-s -w'],
  },
};

/** What a control plane needs; the others are built when something asks for them. */
export const controlPlaneTools: readonly ToolName[] = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubectl',
];

/** Tools taken from $KUBEBUILDER_ASSETS when they are there, as envtest does. */
export const kubebuilderTools: readonly ToolName[] = ['etcd', 'kube-apiserver', 'kubectl'];
