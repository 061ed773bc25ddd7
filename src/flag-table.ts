// Pure: every flag of the program in one table. Parsing, `--help`, docs/flags.md and the manifests' test all read it.
// Names, meanings and defaults are those of metrics-server v0.9 and kube-controller-manager v1.36 wherever they have the flag,
// so that a manifest of theirs moves here by changing the image.

export type FlagOrigin = 'metrics-server' | 'kube-controller-manager' | 'headroom';

interface FlagBase {
  readonly origin: FlagOrigin;
  readonly help: string;
}

/** One flag. Durations are written as Go writes them (`1m30s`) and read as milliseconds. */
export type Flag =
  | (FlagBase & { readonly type: 'string'; readonly default: string })
  | (FlagBase & { readonly type: 'boolean'; readonly default: boolean })
  | (FlagBase & { readonly type: 'integer'; readonly default: number })
  | (FlagBase & { readonly type: 'number'; readonly default: number })
  | (FlagBase & { readonly type: 'duration'; readonly default: string })
  /** `onePerFlag`: commas separate nothing, each flag is one item. */
  | (FlagBase & { readonly type: 'list'; readonly default: readonly string[]; readonly onePerFlag?: true })
  /** `A=true,B=false`: feature gates. */
  | (FlagBase & { readonly type: 'gates'; readonly default: Readonly<Record<string, boolean>> })
  | (FlagBase & { readonly type: 'choice'; readonly choices: readonly string[]; readonly default: string });

const ms = 'metrics-server';
const kcm = 'kube-controller-manager';
const own = 'headroom';

/** Sections of `--help` and docs/flags.md, in order. */
export const flagTable = {
  General: {
    kubeconfig: {
      type: 'string',
      default: '',
      origin: ms,
      help: 'Kubeconfig used to reach the API server and the kubelets. Empty: the ServiceAccount of the pod.',
    },
    'kube-api-qps': {
      type: 'number',
      default: 20,
      origin: kcm,
      help: 'Requests per second to the API server, on average.',
    },
    'kube-api-burst': {
      type: 'integer',
      default: 30,
      origin: kcm,
      help: 'Requests to the API server that may go out at once.',
    },
    'state-dir': {
      type: 'string',
      default: '',
      origin: own,
      help: 'Folder for what outlives a restart: samples, recommendations and scale events. Each replica needs its own. Empty: nothing is kept.',
    },
    'feature-gates': {
      type: 'gates',
      default: { HPAConfigurableTolerance: true, HPAScaleToZero: false, PodLevelResources: true },
      origin: kcm,
      help: 'Feature gates, as A=true,B=false. Must agree with the API server.',
    },
  },
  Logging: {
    v: {
      type: 'integer',
      default: 0,
      origin: ms,
      help: 'Verbosity. 0: changes and problems. 4 and more: every decision and scrape.',
    },
    'logging-format': {
      type: 'choice',
      choices: ['text', 'json'],
      default: 'text',
      origin: ms,
      help: 'How log lines are written.',
    },
  },
  Kubelets: {
    'metric-resolution': {
      type: 'duration',
      default: '1m0s',
      origin: ms,
      help: 'How often each kubelet is scraped; at least 10s.',
    },
    'fast-metric-resolution': {
      type: 'duration',
      default: '5s',
      origin: own,
      help: 'How often a kubelet is scraped whose next samples may change replicas, once it can have new ones; at least 1s, at most --metric-resolution. 0: as all others.',
    },
    'kubelet-port': { type: 'integer', default: 10250, origin: ms, help: 'Port of the kubelets.' },
    'kubelet-use-node-status-port': {
      type: 'boolean',
      default: false,
      origin: ms,
      help: "Use the port in the node's status.daemonEndpoints where it is set.",
    },
    'kubelet-preferred-address-types': {
      type: 'list',
      default: ['Hostname', 'InternalDNS', 'InternalIP', 'ExternalDNS', 'ExternalIP'],
      origin: ms,
      help: 'Node address types, most wanted first.',
    },
    'kubelet-request-timeout': { type: 'duration', default: '10s', origin: ms, help: 'Deadline of one scrape.' },
    'kubelet-insecure-tls': {
      type: 'boolean',
      default: false,
      origin: ms,
      help: "Do not verify the kubelets' serving certificates. Meant for tests.",
    },
    'kubelet-certificate-authority': {
      type: 'string',
      default: '',
      origin: ms,
      help: "CA file that verifies the kubelets' serving certificates. Empty: the CA of the kubeconfig.",
    },
    'kubelet-client-certificate': {
      type: 'string',
      default: '',
      origin: ms,
      help: 'Client certificate file for kubelets. Empty: the credentials of the kubeconfig.',
    },
    'kubelet-client-key': {
      type: 'string',
      default: '',
      origin: ms,
      help: 'Key file of --kubelet-client-certificate.',
    },
    'kubelet-service-account': {
      type: 'string',
      default: '',
      origin: own,
      help: 'ServiceAccount, beside our own, whose short-lived tokens kubelets get to see. Empty: the credentials of the kubeconfig.',
    },
    'deprecated-kubelet-completely-insecure': {
      type: 'boolean',
      default: false,
      origin: ms,
      help: 'Scrape over plain HTTP without credentials.',
    },
    'node-selector': {
      type: 'string',
      default: '',
      origin: ms,
      help: 'Label selector of the nodes to scrape. Empty: all. Short form: -l.',
    },
    'kubelet-max-body-bytes': {
      type: 'integer',
      default: 8_388_608,
      origin: own,
      help: 'Largest answer of a kubelet that is read, after decompression; a larger one fails that scrape.',
    },
    'max-concurrent-scrapes': {
      type: 'integer',
      default: 1000,
      origin: own,
      help: 'How many kubelets are asked at the same time at most; failing ones get a quarter of that beside them.',
    },
    'sample-max-age': {
      type: 'duration',
      default: '5m0s',
      origin: own,
      help: 'How long the last usage of a node that cannot be scraped is served, with its true timestamp; at least --metric-resolution and --kubelet-request-timeout together.',
    },
  },
  'Metrics API': {
    'secure-port': { type: 'integer', default: 443, origin: ms, help: 'Port of the Metrics API (HTTPS).' },
    'bind-address': { type: 'string', default: '0.0.0.0', origin: ms, help: 'Address of the Metrics API.' },
    'cert-dir': {
      type: 'string',
      default: 'apiserver.local.config/certificates',
      origin: ms,
      help: 'Folder of apiserver.crt and apiserver.key; a self-signed pair is written there when there is none.',
    },
    'tls-cert-file': {
      type: 'string',
      default: '',
      origin: ms,
      help: 'Serving certificate file; read again when it changes.',
    },
    'tls-private-key-file': { type: 'string', default: '', origin: ms, help: 'Key file of --tls-cert-file.' },
    'tls-min-version': {
      type: 'choice',
      choices: ['', 'VersionTLS12', 'VersionTLS13'],
      default: '',
      origin: ms,
      help: 'Lowest TLS version that is served. Empty: VersionTLS12.',
    },
    'tls-cipher-suites': {
      type: 'list',
      default: [],
      origin: ms,
      help: 'Cipher suites of TLS 1.2, by the names that Go gives them. Empty: those with forward secrecy.',
    },
    'tls-sni-cert-key': {
      type: 'list',
      onePerFlag: true,
      default: [],
      origin: ms,
      help: 'CERT,KEY or CERT,KEY:NAME,*.DOMAIN…: files of a certificate for clients that ask for one of these names. May be repeated.',
    },
    'disable-http2-serving': { type: 'boolean', default: false, origin: ms, help: 'Serve HTTP/1.1 only.' },
    'http2-max-streams-per-connection': {
      type: 'integer',
      default: 0,
      origin: ms,
      help: 'Requests of one HTTP/2 connection at a time. 0: 250.',
    },
    'request-timeout': { type: 'duration', default: '1m0s', origin: ms, help: 'Deadline of one request.' },
    'max-requests-inflight': {
      type: 'integer',
      default: 400,
      origin: ms,
      help: 'Reads at the same time; more get 429.',
    },
    'shutdown-delay-duration': {
      type: 'duration',
      default: '0s',
      origin: ms,
      help: 'How long requests are still accepted, with /readyz failing, after SIGTERM.',
    },
  },
  'Who may ask': {
    'authentication-kubeconfig': {
      type: 'string',
      default: '',
      origin: ms,
      help: 'Kubeconfig for TokenReviews and the request-header configuration. Empty: as --kubeconfig.',
    },
    'authentication-skip-lookup': {
      type: 'boolean',
      default: false,
      origin: ms,
      help: 'Do not read the extension-apiserver-authentication ConfigMap; the flags below say it all.',
    },
    'authentication-tolerate-lookup-failure': {
      type: 'boolean',
      default: false,
      origin: ms,
      help: 'Start without that ConfigMap when it cannot be read; requests that need it are refused.',
    },
    'authentication-token-webhook-cache-ttl': {
      type: 'duration',
      default: '10s',
      origin: ms,
      help: 'How long a TokenReview is believed.',
    },
    'client-ca-file': {
      type: 'string',
      default: '',
      origin: ms,
      help: 'CA file of client certificates. Empty: client-ca-file of that ConfigMap.',
    },
    'requestheader-client-ca-file': {
      type: 'string',
      default: '',
      origin: ms,
      help: 'CA file of the front proxy. Empty: all --requestheader settings come from that ConfigMap.',
    },
    'requestheader-allowed-names': {
      type: 'list',
      default: [],
      origin: ms,
      help: 'Common names that the front proxy may have. Empty: any that the CA signed.',
    },
    'requestheader-username-headers': {
      type: 'list',
      default: ['x-remote-user'],
      origin: ms,
      help: 'Headers that name the user.',
    },
    'requestheader-uid-headers': { type: 'list', default: [], origin: ms, help: "Headers that name the user's UID." },
    'requestheader-group-headers': {
      type: 'list',
      default: ['x-remote-group'],
      origin: ms,
      help: "Headers that name the user's groups.",
    },
    'requestheader-extra-headers-prefix': {
      type: 'list',
      default: ['x-remote-extra-'],
      origin: ms,
      help: "Prefixes of the headers with the user's extra attributes.",
    },
    'authorization-kubeconfig': {
      type: 'string',
      default: '',
      origin: ms,
      help: 'Kubeconfig for SubjectAccessReviews. Empty: as --kubeconfig.',
    },
    'authorization-always-allow-paths': {
      type: 'list',
      default: ['/healthz', '/readyz', '/livez'],
      origin: ms,
      help: 'Paths that anybody may read; one that ends in * is a prefix.',
    },
    'authorization-webhook-cache-authorized-ttl': {
      type: 'duration',
      default: '10s',
      origin: ms,
      help: 'How long a yes of the authorizer is believed.',
    },
    'authorization-webhook-cache-unauthorized-ttl': {
      type: 'duration',
      default: '10s',
      origin: ms,
      help: 'How long a no of the authorizer is believed.',
    },
  },
  Autoscaler: {
    'native-hpas': {
      type: 'choice',
      choices: ['auto', 'always', 'never'],
      default: 'auto',
      origin: own,
      help: "Reconcile HorizontalPodAutoscalers: always, never, or auto: only while kube-controller-manager's controller does not.",
    },
    'horizontal-pod-autoscaler-sync-period': {
      type: 'duration',
      default: '15s',
      origin: kcm,
      help: 'An autoscaler acts at most once in this time.',
    },
    'horizontal-pod-autoscaler-tolerance': {
      type: 'number',
      default: 0.1,
      origin: kcm,
      help: 'How far usage over target may be from 1 before replicas change.',
    },
    'horizontal-pod-autoscaler-downscale-stabilization': {
      type: 'duration',
      default: '5m0s',
      origin: kcm,
      help: 'How far back the highest recommendation holds replicas up.',
    },
    'horizontal-pod-autoscaler-cpu-initialization-period': {
      type: 'duration',
      default: '5m0s',
      origin: kcm,
      help: 'Time after the start of a pod in which its CPU counts only while it is ready.',
    },
    'horizontal-pod-autoscaler-initial-readiness-delay': {
      type: 'duration',
      default: '30s',
      origin: kcm,
      help: 'Time after the start of a pod in which a change to not ready still means that it never was.',
    },
    'concurrent-horizontal-pod-autoscaler-syncs': {
      type: 'integer',
      default: 5,
      origin: kcm,
      help: 'How many autoscalers are reconciled at the same time.',
    },
  },
  'Leader election': {
    'leader-elect': {
      type: 'boolean',
      default: true,
      origin: kcm,
      help: 'Only the holder of the lease scales. All replicas serve the Metrics API.',
    },
    'leader-elect-lease-duration': {
      type: 'duration',
      default: '15s',
      origin: kcm,
      help: 'How long a silent leader stays leader.',
    },
    'leader-elect-renew-deadline': {
      type: 'duration',
      default: '10s',
      origin: kcm,
      help: 'How long a leader tries to renew before it stops.',
    },
    'leader-elect-retry-period': { type: 'duration', default: '2s', origin: kcm, help: 'Time between two tries.' },
    'leader-elect-resource-name': { type: 'string', default: 'headroom', origin: kcm, help: 'Name of the Lease.' },
    'leader-elect-resource-namespace': {
      type: 'string',
      default: '',
      origin: kcm,
      help: 'Namespace of the Lease and of the canary. Empty: $POD_NAMESPACE, or headroom-system.',
    },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Flag>>>>;

/** A flag that is accepted and does nothing. */
export interface InertFlag {
  /** Whether a value follows it as an argument of its own when none is attached with `=`, as with all flags that are not boolean. */
  readonly takesValue: boolean;
  readonly why: string;
}

/** Flags of the programs we replace that are accepted, so that their manifests start, and do nothing here. Each is named in a warning. */
export const inertFlags: Readonly<Record<string, InertFlag>> = {
  profiling: { takesValue: false, why: 'there is no /debug/pprof here' },
  'contention-profiling': { takesValue: false, why: 'there is no /debug/pprof here' },
  'debug-socket-path': { takesValue: true, why: 'there is no /debug/pprof here' },
  'enable-priority-and-fairness': { takesValue: false, why: 'the API server in front does that' },
  'log-flush-frequency': { takesValue: true, why: 'log lines are written at once' },
  'goaway-chance': { takesValue: true, why: 'the API server in front balances' },
  'permit-port-sharing': { takesValue: false, why: 'not supported' },
  'permit-address-sharing': { takesValue: false, why: 'not supported' },
};

/** Short forms. */
export const flagAliases: Readonly<Record<string, string>> = { l: 'node-selector' };
