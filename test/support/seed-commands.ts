// What courses on metrics-server and the HPA have their readers type, and what to type today. One table: docs/seeds.md shows it,
// test/e2e/seeds.e2e.ts runs it line by line, in this order.

/** A state that the cluster must be in before a line is typed. */
export type Given =
  | 'eladmin-web and podinfo under load'
  | 'no load any more'
  | 'kubectl proxy is running'
  | 'an adapter serves the http_requests of the course'
  | 'each podinfo has 25 http_requests'
  | 'Headroom is stopped';

/** Where a line is typed in the tests. */
type Place = 'simulated nodes' | 'a real node';

interface Line {
  /** What the course shows: code or, in round brackets, its gist. */
  readonly course: string;
}

/** A line that the tests type. */
export interface TypedLine extends Line {
  /** A line for a POSIX shell in the root of this repository. */
  readonly type: string;
  /**
   * Lines of what is printed, stdout and stderr, in this order; others may stand between them. `…` stands for anything, and any
   * number of blanks is as good as one.
   */
  readonly see: readonly string[];
  /** Default 0. A line with a pipe has that of its last command. */
  readonly exitCode?: number;
  /** Typed again and again until it is seen; default: once. */
  readonly withinSeconds?: number;
  /** What the tests type in its place, where the line itself would change too much. */
  readonly typedAs?: string;
  readonly given?: Given;
  /** Default: simulated nodes. */
  readonly place?: Place;
  /** Typed after all others, because it takes its time. */
  readonly later?: true;
}

/** A line that the tests do not type, with the reason; without `type` there is nothing to type. */
export interface ToldLine extends Line {
  readonly type?: string;
  readonly untested: string;
}

export interface SeedSection {
  readonly title: string;
  readonly lines: readonly (TypedLine | ToldLine)[];
  /** What changed since, and why; Markdown. */
  readonly notes: readonly string[];
}

/** Shell variables that lines use, each with the command that sets it. The tests run these, too. */
export const seedVariables = {
  NODE: "$(kubectl get nodes -o 'jsonpath={.items[0].metadata.name}')",
  POD: "$(kubectl -n eladmin get po -l app=eladmin-web -o 'jsonpath={.items[0].metadata.name}')",
  SERVER: "$(kubectl config view --minify -o 'jsonpath={.clusters[0].cluster.server}')",
  TOKEN: '$(kubectl -n eladmin create token eladmin-web)',
  SCRAPER_TOKEN: '$(kubectl -n headroom-system create token headroom)',
  KUBELET_TOKEN: '$(kubectl -n headroom-system create token headroom-kubelets)',
  KUBELET:
    '$(kubectl get nodes -o \'jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}:{.items[0].status.daemonEndpoints.kubeletEndpoint.Port}\')',
} as const;

/** Variables that depend on where Headroom runs: on a cluster, and in the tests, which set them themselves. */
export const placeVariables = {
  HEADROOM: {
    cluster: "$(kubectl -n headroom-system get svc headroom -o 'jsonpath=https://{.spec.clusterIP}')",
    tests: 'the port of Headroom, which runs beside the API server; from a pod or a node of yours it is the Service',
  },
  PROXY_PORT: { cluster: '8001', tests: 'a free port' },
} as const;

/** The arguments that courses put into metrics-server's components.yaml; Headroom runs with them in the tests. */
export const courseArguments = [
  '--kubelet-insecure-tls',
  '--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname',
  '--kubelet-use-node-status-port',
  '--metric-resolution=15s',
] as const;

const installed = 'config/samples/course-eladmin-web.yaml';
const api = '/apis/metrics.k8s.io/v1beta1';
const headings = {
  topNodes: 'NAME CPU(cores) CPU(%) MEMORY(bytes) MEMORY(%)',
  topPods: 'NAME CPU(cores) MEMORY(bytes)',
  topAllPods: 'NAMESPACE NAME CPU(cores) MEMORY(bytes)',
  hpas: 'NAME REFERENCE TARGETS MINPODS MAXPODS REPLICAS AGE',
};
const nodeList = '{"kind":"NodeMetricsList","apiVersion":"metrics.k8s.io/v1beta1","metadata":{},"items":[{…';
const podList = '{"kind":"PodMetricsList","apiVersion":"metrics.k8s.io/v1beta1","metadata":{},"items":[{…';
const noSuchPath = 'Error from server (NotFound): the server could not find the requested resource';

const install: SeedSection = {
  title: 'Install',
  lines: [
    {
      course:
        '`wget …/metrics-server/releases/…/components.yaml`, `kubectl apply -f components.yaml`; or `kubectl create -f .` in `deploy/1.8+`',
      type: 'kubectl apply -k config/overlays/default',
      typedAs: 'kubectl apply -k config/overlays/default --dry-run=server',
      see: [
        'serviceaccount/headroom …',
        'clusterrole.rbac.authorization.k8s.io/headroom …',
        'rolebinding.rbac.authorization.k8s.io/headroom-auth-reader …',
        'clusterrolebinding.rbac.authorization.k8s.io/headroom:system:auth-delegator …',
        'service/headroom …',
        'deployment.apps/headroom created…',
        'apiservice.apiregistration.k8s.io/v1beta1.metrics.k8s.io …',
      ],
    },
    {
      course: "`sed -i 's/REGISTRY…/MIRROR…/' components.yaml`",
      type: 'kustomize edit set image headroom=REGISTRY/headroom:0.1.0',
      untested: 'needs a registry; in the folder of an overlay, see config/README.md',
    },
    {
      course: 'adding `- --kubelet-insecure-tls` to the `args`',
      type: "kubectl kustomize config/overlays/default | sed 's|^\\( *\\)- --cert-dir=/tmp|&\\n\\1- --kubelet-insecure-tls|' | grep -A 1 cert-dir",
      see: ['- --cert-dir=/tmp', '- --kubelet-insecure-tls'],
    },
    {
      course: '`--source=kubernetes.summary_api:https://kubernetes.default?kubeletHttps=true&kubeletPort=10250`',
      type: "bin/headroom '--source=kubernetes.summary_api:https://kubernetes.default?kubeletHttps=true&kubeletPort=10250'",
      see: ['headroom: unknown flag: --source'],
      exitCode: 2,
    },
    {
      course: '`--horizontal-pod-autoscaler-use-rest-clients=true` for kube-controller-manager',
      type: 'bin/headroom --horizontal-pod-autoscaler-use-rest-clients=true',
      see: ['headroom: unknown flag: --horizontal-pod-autoscaler-use-rest-clients'],
      exitCode: 2,
    },
    {
      course:
        '`--requestheader-…`, `--proxy-client-…` for kube-apiserver, with a certificate of their own made by `cfssl`',
      type: 'kubectl -n kube-system get configmap extension-apiserver-authentication -o yaml | grep requestheader',
      see: [
        'requestheader-allowed-names: …',
        'requestheader-client-ca-file: |',
        'requestheader-extra-headers-prefix: \'["X-Remote-Extra-"]\'',
        'requestheader-group-headers: \'["X-Remote-Group"]\'',
        'requestheader-username-headers: \'["X-Remote-User"]\'',
      ],
    },
    {
      course: 'a ClusterRoleBinding of the scraper to `system:kubelet-api-admin`',
      type: 'kubectl auth can-i get nodes --subresource=metrics --as=system:serviceaccount:headroom-system:headroom-kubelets',
      see: ['yes'],
    },
    {
      course: '(the same binding also lets it run commands in any container)',
      type: 'kubectl auth can-i create nodes --subresource=proxy --as=system:serviceaccount:headroom-system:headroom',
      see: ['no'],
      exitCode: 1,
    },
  ],
  notes: [
    'One server owns `metrics.k8s.io`: remove metrics-server first.',
    `The arguments of a course's components.yaml keep their names and meaning: \`${courseArguments.join('`, `')}\`, \`--secure-port\`, \`--cert-dir\`, \`--tls-cert-file\`, \`--tls-private-key-file\`. Headroom runs with the first four in these tests. [flags.md](flags.md) has them all.`,
    'To switch the verification of kubelet certificates off for good, name the component `config/components/kubelet-insecure-tls` in an overlay instead of editing lines. It is for test clusters, then as now.',
    "Heapster-era flags (`--source`, the add-on resizer beside it) have no successor: kubelets are always read over HTTPS, at the port of the node's status with `--kubelet-use-node-status-port`, otherwise at `--kubelet-port` (10250).",
    'kube-controller-manager dropped `--horizontal-pod-autoscaler-use-rest-clients` and refuses to start with it. It always reads the Metrics API. Take the flag out.',
    "kubeadm sets up the aggregation layer; only clusters made by hand need the `--requestheader-…` and `--proxy-client-…` flags. The common name in the proxy client's certificate must be among `--requestheader-allowed-names`, or that list must be empty. `--runtime-config=api/all=true` is not needed. `--enable-aggregator-routing=true` is still needed where kube-apiserver's host has no kube-proxy.",
    'No certificate has to be copied to nodes: Headroom reads the CA and the header names from the ConfigMap above.',
  ],
};

const check: SeedSection = {
  title: 'Check that it works',
  lines: [
    {
      course: '`kubectl api-versions|grep metrics`',
      type: 'kubectl api-versions|grep metrics',
      see: ['metrics.k8s.io/v1beta1'],
    },
    {
      course: '`kubectl get pods -n=kube-system |grep metrics`',
      type: 'kubectl get pods -n=headroom-system',
      untested: 'in the tests Headroom is a process beside the API server, not a pod',
    },
    {
      course: '`kubectl logs …` of the metrics-server pod',
      type: 'kubectl -n headroom-system logs deploy/headroom',
      untested: 'as above; the tests read the same lines from the process',
    },
    {
      course: '`kubectl get svc -n kube-system|grep metrics-server`, `kubectl -n kube-system get all |grep metric`',
      type: 'kubectl -n headroom-system get svc headroom',
      see: ['NAME TYPE CLUSTER-IP EXTERNAL-IP PORT(S) AGE', 'headroom …/TCP …'],
    },
    {
      course: '`kubectl -n kube-system get sa |grep metric`',
      type: 'kubectl -n headroom-system get sa headroom',
      see: ['NAME AGE', 'headroom …'],
    },
    {
      course: '`kubectl get apiservice`',
      type: 'kubectl get apiservice',
      see: [
        'NAME SERVICE AVAILABLE AGE',
        'v1.apps Local True …',
        'v1beta1.metrics.k8s.io headroom-system/headroom True …',
        'v2.autoscaling Local True …',
      ],
    },
    {
      course: '`kubectl get apiservices.apiregistration.k8s.io`',
      type: 'kubectl get apiservices.apiregistration.k8s.io | grep metrics',
      see: ['v1beta1.metrics.k8s.io headroom-system/headroom True …'],
    },
    {
      course: '`kubectl get apiservices.apiregistration.k8s.io v1beta1.metrics.k8s.io -oyaml`',
      type: 'kubectl get apiservices.apiregistration.k8s.io v1beta1.metrics.k8s.io -oyaml',
      see: [
        'apiVersion: apiregistration.k8s.io/v1',
        'group: metrics.k8s.io',
        'groupPriorityMinimum: 100',
        'insecureSkipTLSVerify: true',
        'name: headroom',
        'namespace: headroom-system',
        'versionPriority: 100',
        'message: all checks passed',
        'reason: Passed',
        'status: "True"',
        'type: Available',
      ],
    },
    {
      course: '`kubectl describe apiservice`',
      type: 'kubectl describe apiservice v1beta1.metrics.k8s.io',
      see: ['API Version: apiregistration.k8s.io/v1', 'Message: all checks passed', 'Type: Available'],
    },
  ],
  notes: [
    'The Service and the account are called `headroom` and live in `headroom-system`; the APIService keeps its name, so whoever asks for `v1beta1.metrics.k8s.io` notices nothing.',
    'A list of API services in a course shows `v2beta1.autoscaling` and `v2beta2.autoscaling`. They are gone (1.25, 1.26); `v1.autoscaling` and `v2.autoscaling` are there.',
  ],
};

const top: SeedSection = {
  title: 'kubectl top',
  lines: [
    {
      course: '`kubectl top nodes`',
      type: 'kubectl top nodes',
      withinSeconds: 90,
      see: [headings.topNodes, '… …m …% …Mi …%'],
    },
    { course: '`kubectl top node`', type: 'kubectl top node', see: [headings.topNodes, '… …m …% …Mi …%'] },
    {
      course: '(a workload to look at: `eladmin-web` in a namespace of its own)',
      type: `kubectl create namespace eladmin && kubectl apply -f ${installed} -f config/samples/course-podinfo.yaml`,
      see: ['namespace/eladmin created', 'deployment.apps/eladmin-web created', 'deployment.apps/podinfo created'],
    },
    {
      course: '`kubectl top pod`',
      type: 'kubectl top pod',
      withinSeconds: 90,
      see: [headings.topPods, 'podinfo-… …m …Mi'],
    },
    { course: '`kubectl top pods`', type: 'kubectl top pods', see: [headings.topPods, 'podinfo-… …m …Mi'] },
    {
      course: '`kubectl top pod -A`',
      type: 'kubectl top pod -A',
      withinSeconds: 90,
      see: [headings.topAllPods, 'default podinfo-… …m …Mi', 'eladmin eladmin-web-… …m …Mi'],
    },
    {
      course: '`kubectl top pod --all-namespaces`',
      type: 'kubectl top pod --all-namespaces',
      see: [headings.topAllPods, 'default podinfo-… …m …Mi', 'eladmin eladmin-web-… …m …Mi'],
    },
    {
      course: '`kubectl -n NAMESPACE top po`',
      type: 'kubectl -n eladmin top po',
      see: [headings.topPods, 'eladmin-web-… …m …Mi'],
    },
    {
      course: '`kubectl -n NAMESPACE top pod POD`',
      type: 'kubectl -n eladmin top pod $POD',
      see: [headings.topPods, 'eladmin-web-… …m …Mi'],
    },
    {
      course: '`kubectl top pod` in a namespace without pods',
      type: 'kubectl -n kube-public top pod',
      see: ['No resources found in kube-public namespace.'],
    },
  ],
  notes: [
    'Where courses show the headings `CPU%` and `MEMORY%`, kubectl now prints `CPU(%)` and `MEMORY(%)`. Scripts that cut columns by position still work; those that look for the heading do not.',
    '`CPU(cores)` is in thousandths of a core, rounded up; the percentages are of what the node can allocate, rounded down.',
    'A pod is listed once two scrapes have seen it: a rate needs two samples. Until then `kubectl top pod` says `error: metrics not available yet`.',
  ],
};

const raw: SeedSection = {
  title: 'The raw API',
  lines: [
    {
      course: '`kubectl get --raw “/apis/metrics.k8s.io/v1beta1” | jq .`',
      type: `kubectl get --raw "${api}"`,
      see: [
        '{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"metrics.k8s.io/v1beta1","resources":[{"name":"nodes","singularName":"","namespaced":false,"kind":"NodeMetrics","verbs":["get","list"]},{"name":"pods","singularName":"","namespaced":true,"kind":"PodMetrics","verbs":["get","list"]}]}',
      ],
    },
    {
      course: '`kubectl get --raw "/apis/metrics.k8s.io/v1beta1/nodes"`',
      type: `kubectl get --raw "${api}/nodes"`,
      see: [nodeList],
    },
    {
      course: '`kubectl get –raw apis/metrics.k8s.io/v1beta1/nodes`',
      type: `kubectl get --raw ${api}/nodes`,
      see: [nodeList],
    },
    {
      course: '(the same without the leading slash)',
      type: 'kubectl get --raw apis/metrics.k8s.io/v1beta1/nodes',
      see: [
        'error: --raw must be a valid URL path: parse "apis/metrics.k8s.io/v1beta1/nodes": invalid URI for request',
      ],
      exitCode: 1,
    },
    {
      course: '`kubectl get --raw apis/metrics.k8s.io/v1beta1/nodes/`',
      type: `kubectl get --raw ${api}/nodes/`,
      see: [nodeList],
    },
    {
      course: '`https://…/apis/metrics.k8s.io/v1beta1/nodes/<node-name>`',
      type: `kubectl get --raw ${api}/nodes/$NODE`,
      see: [
        '{"kind":"NodeMetrics","apiVersion":"metrics.k8s.io/v1beta1","metadata":{"name":"…","creationTimestamp":"…","labels":{…}},"timestamp":"…","window":"…s","usage":{"cpu":"…","memory":"…"}}',
      ],
    },
    {
      course: '`kubectl get --raw apis/metrics.k8s.io/v1beta1/pods`',
      type: `kubectl get --raw ${api}/pods`,
      see: [podList],
    },
    {
      course: '`kubectl get --raw apis/metrics.k8s.io/v1beta1/namespace//pods/`',
      type: `kubectl get --raw ${api}/namespaces/eladmin/pods/`,
      see: [podList],
    },
    {
      course: '(as it stands there)',
      type: `kubectl get --raw ${api}/namespace//pods/`,
      see: [noSuchPath],
      exitCode: 1,
    },
    {
      course: '(with the plural and two slashes)',
      type: `kubectl get --raw ${api}/namespaces//pods/`,
      see: [noSuchPath],
      exitCode: 1,
    },
    {
      course: '`https://…/namespace/<namespace-name>/pods/<pod-name>`',
      type: `kubectl get --raw ${api}/namespaces/eladmin/pods/$POD`,
      see: [
        '{"kind":"PodMetrics","apiVersion":"metrics.k8s.io/v1beta1","metadata":{"name":"eladmin-web-…","namespace":"eladmin","creationTimestamp":"…","labels":{"app":"eladmin-web","pod-template-hash":"…"}},"timestamp":"…","window":"…s","containers":[{"name":"eladmin-web","usage":{"cpu":"…","memory":"…"}}]}',
      ],
    },
    {
      course: '(what `kubectl top` asks for, seen with `-v`)',
      type: 'kubectl -n eladmin top po -v=6',
      see: [`… verb="GET" url="https://…${api}/namespaces/eladmin/pods" status="200 OK" …`, headings.topPods],
    },
    {
      course: '`kubectl get no -v=7`',
      type: 'kubectl get no -v=7',
      see: [
        '… "Request" verb="GET" url="https://…/api/v1/nodes?limit=500" headers=<',
        '… "Response" status="200 OK" milliseconds=…',
        'NAME STATUS ROLES AGE VERSION',
      ],
    },
    {
      course: '`kubectl -n NAMESPACE get po POD -v=7`',
      type: 'kubectl -n eladmin get po $POD -v=7',
      see: [
        '… "Request" verb="GET" url="https://…/api/v1/namespaces/eladmin/pods/eladmin-web-…" headers=<',
        '… "Response" status="200 OK" milliseconds=…',
        'eladmin-web-… 1/1 Running …',
      ],
    },
  ],
  notes: [
    'kubectl now insists on the leading slash, and the two dashes of `--raw` are easily lost in print: `–raw` is one dash that is too long, “…” are not quotation marks to a shell.',
    'The segment is `namespaces`, and `namespaces//pods` is what a web page makes of `namespaces/<namespace-name>/pods` when it takes the placeholder for HTML. kubectl collapses the two slashes and asks for something that does not exist. Headroom and metrics-server alike answer an empty namespace with the pods of all (see the next section); write `/pods` for that.',
    'Answers have no `selfLink`: Kubernetes stopped filling it in 1.20. `metadata` of a list is `{}`.',
    '`window` is the time between the two samples of a rate, such as `15.004s`, not the `1m0s` of the heapster days; `timestamp` is when the later one was taken. CPU is in `n` (10⁻⁹ cores), `u` (10⁻⁶) or `m` (10⁻³), whichever is exact; memory in bytes, `Ki`, `Mi` or more, likewise.',
    "With `-v=7` today's kubectl logs `Request` and `Response`, with the method and the URL in `verb` and `url`. `-v=6` is enough for the URL.",
  ],
};

const proxyUrl = `http://127.0.0.1:$PROXY_PORT${api}`;
const proxied: Pick<TypedLine, 'given'> = { given: 'kubectl proxy is running' };

const proxyAndCurl: SeedSection = {
  title: 'kubectl proxy, curl',
  lines: [
    {
      course: '`kubectl proxy --port=8080`, then `curl http://localhost:8080/apis/metrics.k8s.io/v1beta1/nodes`',
      type: `curl -s ${proxyUrl}/nodes`,
      ...proxied,
      see: ['"kind": "NodeMetricsList",', '"metadata": {},', '"usage": {', '"cpu": "…",', '"memory": "…"'],
    },
    {
      course: '`http://127.0.0.1:8001/…/nodes/<node-name>`',
      type: `curl -s ${proxyUrl}/nodes/$NODE`,
      ...proxied,
      see: ['"kind": "NodeMetrics",', '"usage": {'],
    },
    {
      course: '`http://127.0.0.1:8001/…/pods`',
      type: `curl -s ${proxyUrl}/pods`,
      ...proxied,
      see: ['"kind": "PodMetricsList",', '"containers": ['],
    },
    {
      course: '`http://127.0.0.1:8001/…/namespace//pods/`',
      type: `curl -s ${proxyUrl}/namespaces/eladmin/pods/`,
      ...proxied,
      see: ['"kind": "PodMetricsList",', '"namespace": "eladmin",'],
    },
    {
      course: '`http://127.0.0.1:8001/…/namespace/<namespace-name>/pods/<pod-name>`',
      type: `curl -s ${proxyUrl}/namespaces/eladmin/pods/$POD`,
      ...proxied,
      see: ['"kind": "PodMetrics",', '"name": "eladmin-web-…",', '"usage": {'],
    },
    {
      course: '`curl -k https://APISERVER:6443/…/namespaces/NAMESPACE/pods/POD`',
      type: `curl -sk $SERVER${api}/namespaces/eladmin/pods/$POD`,
      see: [
        '"kind": "Status",',
        '"status": "Failure",',
        '"message": "pods.metrics.k8s.io \\"eladmin-web-…\\" is forbidden: User \\"system:anonymous\\" cannot get resource \\"pods\\" in API group \\"metrics.k8s.io\\" in the namespace \\"eladmin\\"",',
        '"reason": "Forbidden",',
        '"code": 403',
      ],
    },
  ],
  notes: [
    'Start `kubectl proxy --port=$PROXY_PORT` in another terminal, or with `&`. It prints `Starting to serve on 127.0.0.1:8001`.',
    'curl gets indented JSON, because the server looks at the user agent; `jq .` does the same for `kubectl get --raw`.',
    '403 without credentials is right. The words are those of kube-apiserver, whoever answers.',
    "Where curl is missing, the tests send its lines with Node's `https`.",
  ],
};

const bearer = '-H "Authorization: Bearer $TOKEN"';
const podMetrics = [
  '"kind": "PodMetrics",',
  '"namespace": "eladmin",',
  '"app": "eladmin-web",',
  '"window": "…s",',
  '"cpu": "…",',
  '"memory": "…"',
];

const tokens: SeedSection = {
  title: 'Tokens, and asking the server behind the API server',
  lines: [
    {
      course: '`kubectl -n NAMESPACE create token eladmin-web`',
      type: 'kubectl -n eladmin create token eladmin-web',
      see: ['eyJ…'],
    },
    {
      course: '`curl -k -H "Authorization: Bearer …" https://APISERVER:6443/…/pods/POD`',
      type: `curl -sk ${bearer} $SERVER${api}/namespaces/eladmin/pods/$POD`,
      see: podMetrics,
    },
    {
      course: '`curl -k -H "Authorization: Bearer …" https://METRICS-SERVER-IP/…/pods/POD`',
      type: `curl -sk ${bearer} $HEADROOM${api}/namespaces/eladmin/pods/$POD`,
      see: podMetrics,
    },
    {
      course: '(the same without a token)',
      type: `curl -sk $HEADROOM${api}/namespaces/eladmin/pods/$POD`,
      see: [
        '"message": "pods.metrics.k8s.io \\"eladmin-web-…\\" is forbidden: User \\"system:anonymous\\" cannot get resource \\"pods\\" in API group \\"metrics.k8s.io\\" in the namespace \\"eladmin\\"",',
        '"code": 403',
      ],
    },
    {
      course: '(with a wrong token)',
      type: `curl -sk -H "Authorization: Bearer wrong" $HEADROOM${api}/nodes`,
      see: ['"message": "Unauthorized",', '"reason": "Unauthorized",', '"code": 401'],
    },
    {
      course: '(with a token that has no right to it)',
      type: `curl -sk ${bearer} $HEADROOM${api}/nodes`,
      see: [
        '"message": "nodes.metrics.k8s.io is forbidden: User \\"system:serviceaccount:eladmin:eladmin-web\\" cannot list resource \\"nodes\\" in API group \\"metrics.k8s.io\\" at the cluster scope",',
        '"code": 403',
      ],
    },
    {
      course: '(two slashes, asked of the server itself)',
      type: `curl -sk -H "Authorization: Bearer $SCRAPER_TOKEN" $HEADROOM${api}/namespaces//pods/`,
      see: [
        '"message": "pods.metrics.k8s.io is forbidden: User \\"system:serviceaccount:headroom-system:headroom\\" cannot list resource \\"pods\\" in API group \\"metrics.k8s.io\\" at the cluster scope",',
      ],
    },
  ],
  notes: [
    `The account needs the right to read: the RoleBinding to \`view\` in [course-eladmin-web.yaml](../${installed}) gives it, because the role \`system:aggregated-metrics-reader\` adds the Metrics API to \`view\`.`,
    'Since 1.24 an account has no Secret with a token; `kubectl create token` gives one that expires (an hour unless `--duration` says otherwise).',
    'The API server and Headroom answer alike: the first forwards to the second, with the user in headers that only its client certificate may send.',
  ],
};

const hpaManifest: SeedSection = {
  title: 'An HPA from a manifest',
  lines: [
    {
      course: '`apiVersion: autoscaling/v1` (cpu only)',
      type: 'kubectl apply -f config/samples/course-eladmin-web-hpa-v1.yaml',
      see: ['horizontalpodautoscaler.autoscaling/hpa-eladmin-web created'],
    },
    {
      course: '`kubectl -n NAMESPACE get hpa`',
      type: 'kubectl -n eladmin get hpa',
      withinSeconds: 60,
      see: [headings.hpas, 'hpa-eladmin-web Deployment/eladmin-web cpu: …%/80% 1 3 1 …'],
    },
    {
      course: '(the same object in both versions)',
      type: 'kubectl -n eladmin get horizontalpodautoscalers.v1.autoscaling hpa-eladmin-web -o yaml',
      see: [
        'apiVersion: autoscaling/v1',
        'targetCPUUtilizationPercentage: 80',
        'currentCPUUtilizationPercentage: …',
        'currentReplicas: 1',
      ],
    },
    {
      course: '`kubectl apply -f hpa-eladmin-web.yaml` (`autoscaling/v2`, memory and cpu)',
      type: 'kubectl -n eladmin delete hpa hpa-eladmin-web && kubectl apply -f config/samples/course-eladmin-web-hpa.yaml',
      see: [
        'horizontalpodautoscaler.autoscaling "hpa-eladmin-web" deleted…',
        'horizontalpodautoscaler.autoscaling/hpa-eladmin-web created',
      ],
    },
    {
      course: '`kubectl -n NAMESPACE get hpa`: `0%/80%, 2%/80%`',
      type: 'kubectl -n eladmin get hpa',
      withinSeconds: 60,
      see: [headings.hpas, 'hpa-eladmin-web Deployment/eladmin-web memory: …%/80%, cpu: …%/80% 1 3 1 …'],
    },
    {
      course: '`podinfo`: cpu at 80 %, memory at 200Mi, 2 to 10 replicas',
      type: 'kubectl apply -f config/samples/course-podinfo-hpa.yaml',
      see: ['horizontalpodautoscaler.autoscaling/podinfo created'],
    },
    {
      course: '`kubectl get hpa`: `2826240 / 200Mi, 15% / 80%`',
      type: 'kubectl get hpa',
      withinSeconds: 60,
      see: [headings.hpas, 'podinfo Deployment/podinfo cpu: …%/80%, memory: …/200Mi 2 10 2 …'],
    },
    {
      course: '`kubectl describe hpa podinfo`',
      type: 'kubectl describe hpa podinfo',
      see: [
        'resource cpu on pods (as a percentage of request): …% (…m) / 80%',
        'resource memory on pods: … / 200Mi',
        'Deployment pods: 2 current / 2 desired',
        'AbleToScale True … …',
        'ScalingActive True ValidMetricFound the HPA was able to successfully calculate a replica count from …',
        'Normal SuccessfulRescale … horizontal-pod-autoscaler New size: 2; reason: Current number of replicas below Spec.MinReplicas',
      ],
    },
  ],
  notes: [
    'kubectl names the metric in front of each target now (`cpu: 15%/80%`), in the order of the manifest, and prints amounts with a unit.',
    'autoscaling/v1 still works and knows cpu only. Everything is stored once and shown in both versions.',
    'The metric that asks for most replicas wins. Memory rarely falls again once it is used: as a metric it scales up more often than down.',
    'Headroom reconciles HorizontalPodAutoscalers when nobody else does: start kube-controller-manager with `--controllers=*,-horizontal-pod-autoscaler-controller`.',
  ],
};

const autoscale: SeedSection = {
  title: 'An HPA from kubectl autoscale',
  lines: [
    {
      course: '`kubectl -n NAMESPACE autoscale deployment eladmin-web --cpu-percent=80 --min=1 --max=3`',
      type: 'kubectl -n eladmin delete hpa hpa-eladmin-web && kubectl -n eladmin autoscale deployment eladmin-web --cpu-percent=80 --min=1 --max=3',
      see: ['Flag --cpu-percent has been deprecated, …', 'horizontalpodautoscaler.autoscaling/eladmin-web autoscaled'],
    },
    {
      course: '(the same without the warning)',
      type: 'kubectl -n eladmin delete hpa eladmin-web && kubectl -n eladmin autoscale deployment eladmin-web --cpu=80% --min=1 --max=3',
      see: ['horizontalpodautoscaler.autoscaling/eladmin-web autoscaled'],
    },
    {
      course: '`kubectl -n NAMESPACE get hpa`',
      type: 'kubectl -n eladmin get hpa',
      withinSeconds: 60,
      see: [headings.hpas, 'eladmin-web Deployment/eladmin-web cpu: …%/80% 1 3 1 …'],
    },
    {
      course: '(the other way as well, without deleting this one)',
      type: 'kubectl apply -f config/samples/course-eladmin-web-hpa.yaml',
      see: ['horizontalpodautoscaler.autoscaling/hpa-eladmin-web created'],
    },
    {
      course: '(what both then say)',
      type: 'kubectl -n eladmin describe hpa eladmin-web',
      withinSeconds: 30,
      see: [
        'ScalingActive False AmbiguousSelector pods by selector app=eladmin-web are controlled by multiple HPAs: [eladmin/eladmin-web eladmin/hpa-eladmin-web]',
        'Warning AmbiguousSelector … horizontal-pod-autoscaler pods by selector app=eladmin-web are controlled by multiple HPAs: [eladmin/eladmin-web eladmin/hpa-eladmin-web]',
      ],
    },
    {
      course: '(one of them has to go)',
      type: 'kubectl -n eladmin delete hpa eladmin-web',
      see: ['horizontalpodautoscaler.autoscaling "eladmin-web" deleted…'],
    },
    {
      course: '(the other goes on)',
      type: 'kubectl -n eladmin get hpa',
      withinSeconds: 60,
      see: ['hpa-eladmin-web Deployment/eladmin-web memory: …%/80%, cpu: …%/80% 1 3 1 …'],
    },
  ],
  notes: [
    '`--cpu-percent` is deprecated in favour of `--cpu`, which takes `80%` or an amount such as `500m`. `--memory` is its companion.',
    'The manifest and the command are two ways to the same thing, and the objects get different names (`hpa-eladmin-web`, `eladmin-web`): doing both leaves two HPAs with the same pods, and neither scales until one is deleted.',
  ],
};

const load: SeedSection = {
  title: 'Requests, load, and scaling up',
  lines: [
    {
      course: '`kubectl -n NAMESPACE get po |grep eladmin-web`',
      type: 'kubectl -n eladmin get po |grep eladmin-web',
      see: ['eladmin-web-… 1/1 Running …'],
    },
    {
      course: '`kubectl -n NAMESPACE get po POD -o yaml |grep -A 3 request`',
      type: 'kubectl -n eladmin get po $POD -o yaml |grep -A 3 requests',
      see: ['requests:', 'cpu: 50m', 'memory: 200Mi'],
    },
    {
      course: '(a Deployment without requests)',
      type: 'kubectl create deployment no-requests --image=nginx && kubectl autoscale deployment no-requests --cpu=80% --max=3',
      see: ['deployment.apps/no-requests created', 'horizontalpodautoscaler.autoscaling/no-requests autoscaled'],
    },
    {
      course: '(what its HPA says)',
      type: 'kubectl describe hpa no-requests',
      withinSeconds: 90,
      see: [
        'ScalingActive False FailedGetResourceMetric the HPA was unable to compute the replica count: failed to get cpu utilization: missing request for cpu in container nginx of Pod no-requests-…',
      ],
    },
    {
      course: '`kubectl -n NAMESPACE get svc eladmin-web`',
      type: 'kubectl -n eladmin get svc eladmin-web',
      see: ['NAME TYPE CLUSTER-IP EXTERNAL-IP PORT(S) AGE', 'eladmin-web ClusterIP … <none> 80/TCP …'],
    },
    {
      course: '`kubectl -n NAMESPACE scale deployment eladmin-web --replicas=2`',
      type: 'kubectl -n eladmin scale deployment eladmin-web --replicas=2',
      see: ['deployment.apps/eladmin-web scaled'],
    },
    {
      course: '`kubectl -n NAMESPACE scale deploy eladmin-web --replicas=1`',
      type: 'kubectl -n eladmin scale deploy eladmin-web --replicas=1',
      see: ['deployment.apps/eladmin-web scaled'],
    },
    {
      course: '`ab -n 100000 -c 1000 http://CLUSTER-IP:80/`',
      type: "kubectl -n eladmin run load --image=busybox --restart=Never -- sh -c 'while :; do wget -q -O /dev/null http://eladmin-web; done'",
      see: ['pod/load created'],
    },
    {
      course: '`kubectl -n NAMESPACE get hpa`',
      type: 'kubectl -n eladmin get hpa',
      given: 'eladmin-web and podinfo under load',
      withinSeconds: 120,
      see: ['hpa-eladmin-web Deployment/eladmin-web memory: …%/80%, cpu: …%/80% 1 3 3 …'],
    },
    {
      course: '`kubectl -n NAMESPACE get pods`',
      type: 'kubectl -n eladmin get pods -l app=eladmin-web',
      withinSeconds: 30,
      see: ['eladmin-web-… 1/1 Running …', 'eladmin-web-… 1/1 Running …', 'eladmin-web-… 1/1 Running …'],
    },
    {
      course: '`kubectl describe hpa podinfo`: `New size: 4`, `New size: 8`',
      type: 'kubectl describe hpa podinfo',
      withinSeconds: 120,
      see: [
        'ScalingLimited True TooManyReplicas the desired replica count is more than the maximum replica count',
        'Normal SuccessfulRescale … horizontal-pod-autoscaler New size: …; reason: cpu resource utilization (percentage of request) above target',
        'Normal SuccessfulRescale … horizontal-pod-autoscaler New size: 10; reason: cpu resource utilization (percentage of request) above target',
      ],
    },
  ],
  notes: [
    'Utilization is a percentage of the request; without the request of that resource in every container there is none, and the HPA says so instead of guessing.',
    'An HPA changes what `kubectl scale` set when its metrics say otherwise. It keeps its hands off a target with 0 replicas: `ScalingActive` is then `False` with `ScalingDisabled`.',
    "Older HPAs doubled at most, which gives the course's 2, 4, 8. Without `behavior` the limit is now 4 pods or 100 % in 15 seconds, whichever is more: 2, 6, 10.",
    "In the tests the pods do not serve requests: simulated kubelets report the load that they would have. `ab` from a machine in the cluster's network does the same as the pod.",
  ],
};

const behavior: SeedSection = {
  title: 'Behavior, and scaling down',
  lines: [
    {
      course:
        '`behavior.scaleDown` with `stabilizationWindowSeconds: 60`, `type: Percent`, `value: 10`, `periodSeconds: 60`',
      type: 'kubectl apply -f config/samples/course-eladmin-web-hpa-behavior.yaml',
      see: ['horizontalpodautoscaler.autoscaling/hpa-eladmin-web configured'],
    },
    {
      course: '(what is in force, with what the manifest leaves to defaults)',
      type: 'kubectl -n eladmin describe hpa hpa-eladmin-web',
      given: 'no load any more',
      see: [
        'Behavior:',
        'Scale Up:',
        'Stabilization Window: 0 seconds',
        'Select Policy: Max',
        '- Type: Pods Value: 4 Period: 15 seconds',
        '- Type: Percent Value: 100 Period: 15 seconds',
        'Scale Down:',
        'Stabilization Window: 60 seconds',
        '- Type: Percent Value: 10 Period: 60 seconds',
      ],
    },
    {
      course: '`--horizontal-pod-autoscaler-downscale-stabilization` (5 minutes)',
      type: 'kubectl describe hpa podinfo',
      withinSeconds: 120,
      see: ['Normal SuccessfulRescale … horizontal-pod-autoscaler New size: 2; reason: All metrics below target'],
    },
    {
      course: '(the way down with `behavior`)',
      type: 'kubectl -n eladmin describe hpa hpa-eladmin-web',
      withinSeconds: 240,
      later: true,
      see: [
        'Normal SuccessfulRescale … horizontal-pod-autoscaler New size: 2; reason: All metrics below target',
        'Normal SuccessfulRescale … horizontal-pod-autoscaler New size: 1; reason: All metrics below target',
      ],
    },
  ],
  notes: [
    '`--horizontal-pod-autoscaler-downscale-stabilization` keeps its name and its 5 minutes, and is a flag of Headroom. The tests run with 20 s. It is the default of `stabilizationWindowSeconds`, which each HPA can set.',
    'Some courses wait 5 minutes for each pod that goes, 10 minutes from 3 to 1. That was the forbidden time after a scale, which Kubernetes replaced: the highest recommendation of the last 5 minutes is kept, and when it has passed, all pods that are too many go at once (100 % in 15 seconds).',
    '10 % of 3 pods is 0.3. The number that may stay is rounded down (2.7 to 2), so a small percentage takes one pod per period and never stands still.',
  ],
};

const oldVersions: SeedSection = {
  title: 'Manifests of old API versions',
  lines: [
    {
      course: '`apiVersion: autoscaling/v2beta1`',
      type: "sed 's|autoscaling/v2$|autoscaling/v2beta1|' config/samples/course-podinfo-hpa.yaml | kubectl apply -f -",
      see: [
        'error: resource mapping not found for name: "podinfo" namespace: "default" from "STDIN": no matches for kind "HorizontalPodAutoscaler" in version "autoscaling/v2beta1"',
        'ensure CRDs are installed first',
      ],
      exitCode: 1,
    },
    {
      course: '(only the version changed, the fields of v2beta1 left)',
      type: "printf '%s\\n' 'apiVersion: autoscaling/v2' 'kind: HorizontalPodAutoscaler' 'metadata: { name: old-fields }' 'spec:' '  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: podinfo }' '  maxReplicas: 10' '  metrics: [{ type: Resource, resource: { name: cpu, targetAverageUtilization: 80 } }]' | kubectl apply -f -",
      see: [
        'Error from server (BadRequest): error when creating "STDIN": HorizontalPodAutoscaler in version "v2" cannot be handled as a HorizontalPodAutoscaler: strict decoding error: unknown field "spec.metrics[0].resource.targetAverageUtilization"',
      ],
      exitCode: 1,
    },
    {
      course: '`scaleTargetRef.apiVersion: extensions/v1beta1`',
      type: "sed 's|apps/v1|extensions/v1beta1|' config/samples/course-podinfo-hpa.yaml | kubectl apply -f -",
      see: ['horizontalpodautoscaler.autoscaling/podinfo configured'],
    },
    {
      course: '(what that HPA says)',
      type: 'kubectl describe hpa podinfo',
      withinSeconds: 60,
      see: [
        'AbleToScale False FailedGetScale the HPA controller was unable to get the target\'s current scale: no matches for kind "Deployment" in group "extensions"',
        'Warning FailedGetScale … horizontal-pod-autoscaler no matches for kind "Deployment" in group "extensions"',
      ],
    },
    {
      course: '(mended: `apps/v1`)',
      type: 'kubectl apply -f config/samples/course-podinfo-hpa.yaml',
      see: ['horizontalpodautoscaler.autoscaling/podinfo configured'],
    },
    {
      course: '(what it then says)',
      type: 'kubectl describe hpa podinfo',
      withinSeconds: 60,
      see: ['AbleToScale True ReadyForNewScale …', 'ScalingActive True ValidMetricFound …'],
    },
    {
      course: '`apiVersion: extensions/v1beta1`, `kind: Deployment`',
      type: `sed 's|apps/v1|extensions/v1beta1|' config/samples/course-podinfo.yaml | kubectl apply -f -`,
      see: ['… no matches for kind "Deployment" in version "extensions/v1beta1"', 'ensure CRDs are installed first'],
      exitCode: 1,
    },
    {
      course: '`apiVersion: apiregistration.k8s.io/v1beta1`, `kind: APIService`',
      type: `sed 's|apiregistration.k8s.io/v1|apiregistration.k8s.io/v1beta1|' config/base/apiservice.yaml | kubectl apply -f -`,
      see: [
        '… no matches for kind "APIService" in version "apiregistration.k8s.io/v1beta1"',
        'ensure CRDs are installed first',
      ],
      exitCode: 1,
    },
  ],
  notes: [
    "v2beta1 to v2: `targetAverageUtilization: 80` becomes `target: { type: Utilization, averageUtilization: 80 }`, `targetAverageValue: 200Mi` becomes `target: { type: AverageValue, averageValue: 200Mi }`, and a pods metric's `metricName: http_requests` becomes `metric: { name: http_requests }`. Nothing else changes.",
    '`scaleTargetRef.apiVersion` is not checked when an HPA is applied. What counts is its group: `apps/v1` for a Deployment.',
    'extensions/v1beta1 to apps/v1: a Deployment needs `spec.selector`, and it can not be changed later. apiregistration.k8s.io/v1beta1 to v1: nothing but the version.',
  ],
};

const custom: SeedSection = {
  title: 'Custom metrics',
  lines: [
    {
      course: '`kubectl get --raw "/apis/custom.metrics.k8s.io/v1beta1" | jq .`',
      type: 'kubectl get --raw "/apis/custom.metrics.k8s.io/v1beta1"',
      see: [noSuchPath],
      exitCode: 1,
    },
    {
      course: '`kubectl get --raw "/apis/custom.metrics.k8s.io/v1beta1/namespaces/default/pods/*/http_requests"`',
      type: 'kubectl get --raw "/apis/custom.metrics.k8s.io/v1beta1/namespaces/default/pods/*/http_requests"',
      see: [noSuchPath],
      exitCode: 1,
    },
    {
      course: 'an HPA on `http_requests`, `targetAverageValue: 10`',
      type: 'kubectl apply -f config/samples/course-podinfo-hpa-http-requests.yaml',
      see: ['horizontalpodautoscaler.autoscaling/podinfo configured'],
    },
    {
      course: '`kubectl get hpa`',
      type: 'kubectl get hpa podinfo',
      withinSeconds: 60,
      see: ['podinfo Deployment/podinfo <unknown>/10 2 10 2 …'],
    },
    {
      course: '`kubectl describe hpa podinfo`',
      type: 'kubectl describe hpa podinfo',
      withinSeconds: 60,
      see: [
        '"http_requests" on pods: <unknown> / 10',
        'ScalingActive False FailedGetPodsMetric the HPA was unable to compute the replica count: unable to get metric http_requests: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered',
        'Warning FailedGetPodsMetric … horizontal-pod-autoscaler unable to get metric http_requests: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered',
      ],
    },
    {
      course: '`kubectl create -f ./prometheus`, `make certs`, `kubectl create -f ./custom-metrics-api`',
      type: 'helm install prometheus-adapter prometheus-community/prometheus-adapter',
      untested:
        'other programs: any server of `custom.metrics.k8s.io` will do. The lines above show what is said while there is none, those below have one',
    },
    {
      course: '(a right that kube-controller-manager has by itself)',
      type: 'kubectl apply -f config/components/custom-metrics/rbac.yaml',
      see: [
        'clusterrole.rbac.authorization.k8s.io/headroom-custom-metrics created',
        'clusterrolebinding.rbac.authorization.k8s.io/headroom-custom-metrics created',
      ],
    },
    {
      course: '`kubectl get --raw "/apis/custom.metrics.k8s.io/v1beta1" | jq .`',
      type: 'kubectl get --raw "/apis/custom.metrics.k8s.io/v1beta1"',
      given: 'an adapter serves the http_requests of the course',
      see: [
        '{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"custom.metrics.k8s.io/v1beta1","resources":[…',
      ],
    },
    {
      course: '`kubectl get --raw "/apis/custom.metrics.k8s.io/v1beta1/namespaces/monitoring/pods/*/fs_usage_bytes"`',
      type: 'kubectl get --raw "/apis/custom.metrics.k8s.io/v1beta1/namespaces/monitoring/pods/*/fs_usage_bytes"',
      see: ['{"kind":"MetricValueList","apiVersion":"custom.metrics.k8s.io/v1beta1","metadata":{},"items":[]}'],
    },
    {
      course:
        '`kubectl get --raw "/apis/custom.metrics.k8s.io/v1beta1/namespaces/default/pods/*/http_requests"`: `901m`, `898m`',
      type: 'kubectl get --raw "/apis/custom.metrics.k8s.io/v1beta1/namespaces/default/pods/*/http_requests"',
      see: ['{"kind":"MetricValueList",…"metricName":"http_requests",…"value":"901m",…"value":"898m",…'],
    },
    {
      course: '`kubectl get hpa`',
      type: 'kubectl get hpa podinfo',
      withinSeconds: 60,
      see: [headings.hpas, 'podinfo Deployment/podinfo 899m/10 2 10 2 …'],
    },
    {
      course: '`kubectl describe hpa podinfo`',
      type: 'kubectl describe hpa podinfo',
      see: [
        '"http_requests" on pods: 899m / 10',
        'ScalingActive True ValidMetricFound the HPA was able to successfully calculate a replica count from pods metric http_requests',
      ],
    },
    {
      course: '(more than 10 requests a second each)',
      type: 'kubectl get hpa podinfo',
      given: 'each podinfo has 25 http_requests',
      withinSeconds: 90,
      see: [headings.hpas, 'podinfo Deployment/podinfo 25/10 2 10 5 …'],
    },
    {
      course: '`kubectl describe hpa podinfo`',
      type: 'kubectl describe hpa podinfo',
      see: ['Normal SuccessfulRescale … New size: 5; reason: pods metric http_requests above target'],
    },
  ],
  notes: [
    'The metric is asked for in `custom.metrics.k8s.io/v1beta2` or `v1beta1`, whichever is registered and has a server that answers. Until somebody serves it, the HPA holds the replicas that it has.',
    'kube-state-metrics has no part in this. Prometheus collects, and prometheus-adapter is the server that turns its series into this API.',
  ],
};

const scraper = '-H "Authorization: Bearer $KUBELET_TOKEN"';
const onRealNode: Pick<TypedLine, 'place'> = { place: 'a real node' };

const kubelet: SeedSection = {
  title: 'Endpoints of the kubelet',
  lines: [
    {
      course:
        '`kubectl -n kube-system create token metrics-server`, then `curl -k -H "Authorization: Bearer …" https://localhost:10250/metrics`',
      type: `curl -sk ${scraper} https://$KUBELET/metrics/resource`,
      see: [
        '# HELP container_cpu_usage_seconds_total …',
        '# TYPE container_cpu_usage_seconds_total counter',
        '# TYPE node_cpu_usage_seconds_total counter',
        'node_cpu_usage_seconds_total … …',
        'node_memory_working_set_bytes … …',
      ],
    },
    {
      course: '(with a wrong token)',
      type: 'curl -sk -H "Authorization: Bearer wrong" https://$KUBELET/metrics/resource',
      see: ['Unauthorized'],
    },
    {
      course: '`curl … https://localhost:10250/metrics`',
      type: `curl -sk ${scraper} https://$KUBELET/metrics | grep 'kubelet_running_pods'`,
      ...onRealNode,
      see: ['# HELP kubelet_running_pods …', '# TYPE kubelet_running_pods gauge', 'kubelet_running_pods …'],
    },
    {
      course: '`/api/v1/nodes/NODE/proxy/metrics/cadvisor`',
      type: 'kubectl get --raw /api/v1/nodes/$NODE/proxy/metrics/cadvisor | grep container_cpu_usage',
      ...onRealNode,
      withinSeconds: 60,
      see: ['# TYPE container_cpu_usage_seconds_total counter', 'container_cpu_usage_seconds_total{…'],
    },
    {
      course: '`/api/v1/nodes/NODE/proxy/metrics`',
      type: 'kubectl get --raw /api/v1/nodes/$NODE/proxy/metrics | grep kubelet_node_name',
      ...onRealNode,
      see: ['kubelet_node_name{node="…"} 1'],
    },
    {
      course: 'the summary API, `/stats/summary`, as the source of metrics-server',
      type: 'kubectl get --raw /api/v1/nodes/$NODE/proxy/metrics/resource | grep node_',
      ...onRealNode,
      see: [
        '# TYPE node_cpu_usage_seconds_total counter',
        'node_cpu_usage_seconds_total … …',
        'node_memory_working_set_bytes … …',
      ],
    },
    {
      course: '`curl http://127.0.0.1:10248/healthz`',
      type: 'kubectl get --raw /api/v1/nodes/$NODE/proxy/healthz',
      ...onRealNode,
      see: ['ok'],
    },
  ],
  notes: [
    'metrics-server and Headroom scrape `/metrics/resource`, which holds cpu and memory only; the summary API was the source up to metrics-server 0.5.',
    'The account `headroom-kubelets` may get `nodes/metrics`, which is what a kubelet asks for when any path below `/metrics` is read. Nothing else opens to it: kubelets see its tokens.',
    'Port 4194 of cAdvisor closed in 1.12; its metrics are at `/metrics/cadvisor`. Port 10248 answers on the node itself only.',
    '`/sys/fs/cgroup/cpu,cpuacct/cpuacct.usage` is cgroup v1. Today it is `usage_usec` in `/sys/fs/cgroup/cpu.stat`, in microseconds.',
  ],
};

const trouble: SeedSection = {
  title: 'When it does not work',
  lines: [
    {
      course: '`kubectl edit configmap coredns -n kube-system`, to make node names resolve',
      untested: 'the address types in config/ begin with InternalIP, so names need not resolve',
    },
    {
      course: '`{"kind":"NodeMetricsList",…,"items":[]}`',
      type: `kubectl get --raw ${api}/nodes`,
      see: [nodeList],
    },
    {
      course:
        '`Error from server (ServiceUnavailable): the server is currently unable to handle the request (get nodes.metrics.k8s.io)`',
      type: 'kubectl top nodes',
      given: 'Headroom is stopped',
      withinSeconds: 60,
      exitCode: 1,
      see: [
        'Error from server (ServiceUnavailable): the server is currently unable to handle the request (get nodes.metrics.k8s.io)',
      ],
    },
    {
      course: '`kubectl get apiservice`',
      type: 'kubectl get apiservice v1beta1.metrics.k8s.io',
      given: 'Headroom is stopped',
      withinSeconds: 60,
      see: ['v1beta1.metrics.k8s.io headroom-system/headroom False (FailedDiscoveryCheck) …'],
    },
  ],
  notes: [
    'An empty list right after the start is as it should be: a node is listed after two scrapes. If it stays empty, the log says `node cannot be scraped` once for each node with the reason, such as a name that does not resolve or a certificate that is not trusted.',
    '`ServiceUnavailable` means that the APIService has no server behind it that answers: look at the pods in `headroom-system` and at `kubectl describe apiservice v1beta1.metrics.k8s.io`.',
  ],
};

/** In the order of a course, which is the order in which the tests type. */
export const seedSections: readonly SeedSection[] = [
  install,
  check,
  top,
  raw,
  proxyAndCurl,
  tokens,
  hpaManifest,
  autoscale,
  load,
  behavior,
  oldVersions,
  custom,
  kubelet,
  trouble,
];
