// Edge: the only reader of argv and env. Flags -> validated, frozen Options, or every mistake at once.
import { type FlagValues, helpText, parseFlags } from './flag-parser.ts';
import { formatDuration } from './lib/duration.ts';
import { errorMessage } from './lib/errors.ts';
import { parseLabelSelector } from './lib/label-selector.ts';

/** Everything that can be set, by who reads it. Durations in ms, sizes in bytes; '' means not given. */
export interface Options {
  readonly kubeconfigPath: string;
  readonly apiQps: number;
  readonly apiBurst: number;
  readonly stateDir: string;
  readonly featureGates: FlagValues['feature-gates'];
  readonly logging: { readonly verbosity: number; readonly format: 'text' | 'json' };
  readonly kubelet: {
    readonly resolutionMs: number;
    readonly port: number;
    readonly useNodeStatusPort: boolean;
    readonly preferredAddressTypes: readonly string[];
    readonly requestTimeoutMs: number;
    readonly insecureTls: boolean;
    readonly certificateAuthorityFile: string;
    readonly clientCertificateFile: string;
    readonly clientKeyFile: string;
    /** Name of the ServiceAccount whose tokens are sent to kubelets; '' for the credentials of the kubeconfig. */
    readonly serviceAccount: string;
    /** Plain HTTP, no credentials. */
    readonly completelyInsecure: boolean;
    /** Label selector; '' is all nodes. */
    readonly nodeSelector: string;
    readonly maxBodyBytes: number;
    readonly maxConcurrentScrapes: number;
    readonly sampleMaxAgeMs: number;
  };
  readonly serving: {
    readonly port: number;
    readonly bindAddress: string;
    readonly certDir: string;
    readonly tlsCertFile: string;
    readonly tlsKeyFile: string;
    readonly tlsMinVersion: 'TLSv1.2' | 'TLSv1.3';
    readonly requestTimeoutMs: number;
    readonly maxRequestsInFlight: number;
    readonly shutdownDelayMs: number;
  };
  readonly authentication: {
    readonly kubeconfigPath: string;
    readonly skipLookup: boolean;
    readonly tolerateLookupFailure: boolean;
    readonly tokenCacheTtlMs: number;
    readonly clientCaFile: string;
    readonly requestHeader: {
      readonly clientCaFile: string;
      readonly allowedNames: readonly string[];
      readonly usernameHeaders: readonly string[];
      readonly uidHeaders: readonly string[];
      readonly groupHeaders: readonly string[];
      readonly extraHeaderPrefixes: readonly string[];
    };
  };
  readonly authorization: {
    readonly kubeconfigPath: string;
    readonly alwaysAllowPaths: readonly string[];
    readonly allowedTtlMs: number;
    readonly deniedTtlMs: number;
  };
  readonly autoscaler: {
    readonly nativeHpas: 'auto' | 'always' | 'never';
    readonly syncPeriodMs: number;
    readonly tolerance: number;
    readonly downscaleStabilizationMs: number;
    readonly cpuInitializationPeriodMs: number;
    readonly initialReadinessDelayMs: number;
    readonly concurrentSyncs: number;
  };
  readonly leaderElection: {
    readonly enabled: boolean;
    readonly leaseDurationMs: number;
    readonly renewDeadlineMs: number;
    readonly retryPeriodMs: number;
    readonly leaseName: string;
  };
  /** Where the Lease and the canary live. */
  readonly namespace: string;
  /** Name of this process in the Lease and the log. */
  readonly identity: string;
}

/** What the command line asked for. */
export type Command =
  | { readonly kind: 'run'; readonly options: Options; readonly warnings: readonly string[] }
  | { readonly kind: 'print'; readonly text: string }
  | { readonly kind: 'refuse'; readonly mistakes: readonly string[] };

/** Reads the command line and environment. Nothing is started, nothing is read from disk. */
export function readCommand(argv: readonly string[], env: NodeJS.ProcessEnv, version: string): Command {
  const parsed = parseFlags(argv);
  if (parsed.help) return { kind: 'print', text: helpText() };
  if (parsed.version) return { kind: 'print', text: `headroom ${version}\n` };
  const mistakes = [...parsed.mistakes, ...findContradictions(parsed.values)];
  if (mistakes.length > 0) return { kind: 'refuse', mistakes };
  return { kind: 'run', options: deepFreeze(buildOptions(parsed.values, env)), warnings: parsed.warnings };
}

/** Mistakes that only values together show. Texts where metrics-server and kube-controller-manager have one: docs/metrics-api.md, M-149; H-163. */
function findContradictions(flags: FlagValues): string[] {
  const rules: [boolean, string][] = [
    ...kubeletRules(flags),
    ...rangeRules(flags),
    [
      flags['leader-elect-lease-duration'] <= flags['leader-elect-renew-deadline'],
      '--leader-elect-lease-duration must be greater than --leader-elect-renew-deadline',
    ],
    [
      flags['leader-elect-renew-deadline'] <= 1.2 * flags['leader-elect-retry-period'],
      '--leader-elect-renew-deadline must be greater than 1.2 times --leader-elect-retry-period',
    ],
    [flags['leader-elect-retry-period'] <= 0, '--leader-elect-retry-period must be greater than 0'],
    [
      (flags['tls-cert-file'] === '') !== (flags['tls-private-key-file'] === ''),
      '--tls-cert-file and --tls-private-key-file must be given together',
    ],
  ];
  const mistakes = rules.filter(([wrong]) => wrong).map(([, text]) => text);
  try {
    parseLabelSelector(flags['node-selector'].trim());
  } catch (error) {
    mistakes.push(`--node-selector: ${errorMessage(error)}`);
  }
  return mistakes;
}

function kubeletRules(flags: FlagValues): [boolean, string][] {
  const resolutionMs = flags['metric-resolution'];
  const timeoutMs = flags['kubelet-request-timeout'];
  const [ca, cert, key] = [
    flags['kubelet-certificate-authority'],
    flags['kubelet-client-certificate'],
    flags['kubelet-client-key'],
  ];
  const insecure = flags['deprecated-kubelet-completely-insecure'];
  const against = (name: string): string => `cannot use both --${name} and --deprecated-kubelet-completely-insecure`;
  return [
    [
      ca !== '' && flags['kubelet-insecure-tls'],
      'cannot use both --kubelet-certificate-authority and --kubelet-insecure-tls',
    ],
    [(cert === '') !== (key === ''), 'need both --kubelet-client-key and --kubelet-client-certificate'],
    [
      flags['kubelet-service-account'] !== '' && cert !== '',
      'cannot use both --kubelet-service-account and --kubelet-client-certificate: kubelets look at the certificate only',
    ],
    [insecure && key !== '', against('kubelet-client-key')],
    [insecure && cert !== '', against('kubelet-client-certificate')],
    [insecure && flags['kubelet-insecure-tls'], against('kubelet-insecure-tls')],
    [insecure && ca !== '', against('kubelet-certificate-authority')],
    [timeoutMs <= 0, 'kubelet-request-timeout should be positive'],
    [
      resolutionMs < 10_000,
      `metric-resolution should be a time duration at least 10s, but value ${seconds(resolutionMs)} provided`,
    ],
    [
      resolutionMs >= 10_000 && 0.9 * resolutionMs < timeoutMs,
      `metric-resolution should be larger than kubelet-request-timeout, but metric-resolution value ${seconds(resolutionMs)} kubelet-request-timeout value ${seconds(timeoutMs)} provided`,
    ],
  ];
}

function seconds(ms: number): string {
  return formatDuration(ms * 1e6);
}

function rangeRules(flags: FlagValues): [boolean, string][] {
  const syncs = flags['concurrent-horizontal-pod-autoscaler-syncs'];
  const isPort = (port: number): boolean => port >= 1 && port <= 65_535;
  return [
    [syncs < 1, `concurrent-horizontal-pod-autoscaler-syncs must be greater than 0, but got ${syncs}`],
    [
      flags['horizontal-pod-autoscaler-sync-period'] <= 0,
      '--horizontal-pod-autoscaler-sync-period must be greater than 0',
    ],
    [flags['horizontal-pod-autoscaler-tolerance'] < 0, '--horizontal-pod-autoscaler-tolerance must not be negative'],
    [
      flags['horizontal-pod-autoscaler-downscale-stabilization'] < 0,
      '--horizontal-pod-autoscaler-downscale-stabilization must not be negative',
    ],
    [!isPort(flags['secure-port']), `--secure-port must be between 1 and 65535, but got ${flags['secure-port']}`],
    [!isPort(flags['kubelet-port']), `--kubelet-port must be between 1 and 65535, but got ${flags['kubelet-port']}`],
    [flags['kube-api-qps'] <= 0, '--kube-api-qps must be greater than 0'],
    [flags['kube-api-burst'] < 1, '--kube-api-burst must be at least 1'],
    [flags['max-concurrent-scrapes'] < 1, '--max-concurrent-scrapes must be at least 1'],
    [flags['kubelet-max-body-bytes'] < 1, '--kubelet-max-body-bytes must be at least 1'],
    [flags['max-requests-inflight'] < 1, '--max-requests-inflight must be at least 1'],
    [
      flags['kubelet-preferred-address-types'].length === 0,
      '--kubelet-preferred-address-types must name at least one type',
    ],
  ];
}

function buildOptions(flags: FlagValues, env: NodeJS.ProcessEnv): Options {
  return {
    kubeconfigPath: flags.kubeconfig,
    apiQps: flags['kube-api-qps'],
    apiBurst: flags['kube-api-burst'],
    stateDir: flags['state-dir'],
    featureGates: flags['feature-gates'],
    logging: { verbosity: flags.v, format: flags['logging-format'] },
    kubelet: buildKubelet(flags),
    serving: buildServing(flags),
    authentication: buildAuthentication(flags),
    authorization: {
      kubeconfigPath: flags['authorization-kubeconfig'] || flags.kubeconfig,
      alwaysAllowPaths: flags['authorization-always-allow-paths'],
      allowedTtlMs: flags['authorization-webhook-cache-authorized-ttl'],
      deniedTtlMs: flags['authorization-webhook-cache-unauthorized-ttl'],
    },
    autoscaler: {
      nativeHpas: flags['native-hpas'],
      syncPeriodMs: flags['horizontal-pod-autoscaler-sync-period'],
      tolerance: flags['horizontal-pod-autoscaler-tolerance'],
      downscaleStabilizationMs: flags['horizontal-pod-autoscaler-downscale-stabilization'],
      cpuInitializationPeriodMs: flags['horizontal-pod-autoscaler-cpu-initialization-period'],
      initialReadinessDelayMs: flags['horizontal-pod-autoscaler-initial-readiness-delay'],
      concurrentSyncs: flags['concurrent-horizontal-pod-autoscaler-syncs'],
    },
    leaderElection: {
      enabled: flags['leader-elect'],
      leaseDurationMs: flags['leader-elect-lease-duration'],
      renewDeadlineMs: flags['leader-elect-renew-deadline'],
      retryPeriodMs: flags['leader-elect-retry-period'],
      leaseName: flags['leader-elect-resource-name'],
    },
    namespace: flags['leader-elect-resource-namespace'] || env['POD_NAMESPACE'] || 'headroom-system',
    identity: env['POD_NAME'] || `${env['HOSTNAME'] || 'headroom'}_${crypto.randomUUID()}`,
  };
}

function buildKubelet(flags: FlagValues): Options['kubelet'] {
  return {
    resolutionMs: flags['metric-resolution'],
    port: flags['kubelet-port'],
    useNodeStatusPort: flags['kubelet-use-node-status-port'],
    preferredAddressTypes: flags['kubelet-preferred-address-types'],
    requestTimeoutMs: flags['kubelet-request-timeout'],
    insecureTls: flags['kubelet-insecure-tls'],
    certificateAuthorityFile: flags['kubelet-certificate-authority'],
    clientCertificateFile: flags['kubelet-client-certificate'],
    clientKeyFile: flags['kubelet-client-key'],
    serviceAccount: flags['kubelet-service-account'],
    completelyInsecure: flags['deprecated-kubelet-completely-insecure'],
    nodeSelector: flags['node-selector'].trim(),
    maxBodyBytes: flags['kubelet-max-body-bytes'],
    maxConcurrentScrapes: flags['max-concurrent-scrapes'],
    sampleMaxAgeMs: flags['sample-max-age'],
  };
}

function buildServing(flags: FlagValues): Options['serving'] {
  return {
    port: flags['secure-port'],
    bindAddress: flags['bind-address'],
    certDir: flags['cert-dir'],
    tlsCertFile: flags['tls-cert-file'],
    tlsKeyFile: flags['tls-private-key-file'],
    tlsMinVersion: flags['tls-min-version'] === 'VersionTLS13' ? 'TLSv1.3' : 'TLSv1.2',
    requestTimeoutMs: flags['request-timeout'],
    maxRequestsInFlight: flags['max-requests-inflight'],
    shutdownDelayMs: flags['shutdown-delay-duration'],
  };
}

function buildAuthentication(flags: FlagValues): Options['authentication'] {
  return {
    kubeconfigPath: flags['authentication-kubeconfig'] || flags.kubeconfig,
    skipLookup: flags['authentication-skip-lookup'],
    tolerateLookupFailure: flags['authentication-tolerate-lookup-failure'],
    tokenCacheTtlMs: flags['authentication-token-webhook-cache-ttl'],
    clientCaFile: flags['client-ca-file'],
    requestHeader: {
      clientCaFile: flags['requestheader-client-ca-file'],
      allowedNames: flags['requestheader-allowed-names'],
      usernameHeaders: flags['requestheader-username-headers'],
      uidHeaders: flags['requestheader-uid-headers'],
      groupHeaders: flags['requestheader-group-headers'],
      extraHeaderPrefixes: flags['requestheader-extra-headers-prefix'],
    },
  };
}

/** Options are read by everybody, so nobody may change them. */
function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) deepFreeze(inner);
  return Object.freeze(value);
}
