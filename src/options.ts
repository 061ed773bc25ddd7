// Edge: the only reader of argv and env. Flags -> validated, frozen Options, or every mistake at once.
import { type FlagValues, helpText, parseFlags } from './flag-parser.ts';
import { findContradictions } from './flag-rules.ts';

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
    /** The same as resolutionMs: every node is scraped alike. */
    readonly fastResolutionMs: number;
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
    readonly tlsCipherSuites: readonly string[];
    readonly disableHttp2: boolean;
    readonly http2MaxStreams: number;
    /** `names` empty: those in the certificate. */
    readonly namedCertificates: readonly {
      readonly certificateFile: string;
      readonly keyFile: string;
      readonly names: readonly string[];
    }[];
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
    fastResolutionMs: flags['fast-metric-resolution'] || flags['metric-resolution'],
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
    // A node that is scraped in time never loses its usage.
    sampleMaxAgeMs: Math.max(flags['sample-max-age'], flags['metric-resolution'] + flags['kubelet-request-timeout']),
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
    tlsCipherSuites: flags['tls-cipher-suites'],
    disableHttp2: flags['disable-http2-serving'],
    http2MaxStreams: flags['http2-max-streams-per-connection'] || defaultHttp2Streams,
    namedCertificates: flags['tls-sni-cert-key'].map(readNamedCertificate),
    requestTimeoutMs: flags['request-timeout'],
    maxRequestsInFlight: flags['max-requests-inflight'],
    shutdownDelayMs: flags['shutdown-delay-duration'],
  };
}

/** As the reference. */
const defaultHttp2Streams = 250;

/** `CERT,KEY:NAME,NAME`; the names may be missing. */
function readNamedCertificate(text: string): Options['serving']['namedCertificates'][number] {
  const colon = text.indexOf(':');
  const [files, names] = colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
  const [certificateFile = '', keyFile = ''] = files.split(',');
  return { certificateFile, keyFile, names: names.split(',').filter((name) => name !== '') };
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
