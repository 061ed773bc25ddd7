// Pure: mistakes in the values of flags, alone and together.
import { unknownCipherSuites } from './api/cipher-suites.ts';
import type { FlagValues } from './flag-parser.ts';
import { formatDuration } from './lib/duration.ts';
import { errorMessage } from './lib/errors.ts';
import { parseLabelSelector } from './lib/label-selector.ts';

/** One sentence for each mistake. Texts where metrics-server and kube-controller-manager have one: docs/metrics-api.md, M-149; H-163. */
export function findContradictions(flags: FlagValues): string[] {
  const rules: [boolean, string][] = [
    ...kubeletRules(flags),
    ...fastResolutionRules(flags),
    ...rangeRules(flags),
    ...durationRules(flags),
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
    ...unknownCipherSuites(flags['tls-cipher-suites']).map((name): [boolean, string] => [
      true,
      `--tls-cipher-suites: Cipher suite ${name} not supported or doesn't exist`,
    ]),
    ...flags['tls-sni-cert-key'].map((text): [boolean, string] => [
      !/^[^,:]+,[^,:]+(?::.+)?$/.test(text),
      `--tls-sni-cert-key: ${JSON.stringify(text)} is not CERT,KEY or CERT,KEY:NAMES`,
    ]),
    ...flags['authorization-always-allow-paths'].map((path): [boolean, string] => [
      /\*./s.test(path),
      `--authorization-always-allow-paths: only trailing * allowed in ${JSON.stringify(path)}`,
    ]),
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

function fastResolutionRules(flags: FlagValues): [boolean, string][] {
  const fastMs = flags['fast-metric-resolution'];
  return [
    [fastMs !== 0 && fastMs < 1000, '--fast-metric-resolution must be 0 or at least 1s'],
    [fastMs > flags['metric-resolution'], '--fast-metric-resolution must not be longer than --metric-resolution'],
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
    [!isPort(flags['secure-port']), `--secure-port must be between 1 and 65535, but got ${flags['secure-port']}`],
    [!isPort(flags['kubelet-port']), `--kubelet-port must be between 1 and 65535, but got ${flags['kubelet-port']}`],
    [flags['kube-api-qps'] <= 0, '--kube-api-qps must be greater than 0'],
    [flags['kube-api-burst'] < 1, '--kube-api-burst must be at least 1'],
    [flags['max-concurrent-scrapes'] < 1, '--max-concurrent-scrapes must be at least 1'],
    [flags['kubelet-max-body-bytes'] < 1, '--kubelet-max-body-bytes must be at least 1'],
    [flags['max-requests-inflight'] < 1, '--max-requests-inflight must be at least 1'],
    [flags['http2-max-streams-per-connection'] < 0, '--http2-max-streams-per-connection must not be negative'],
    [
      flags['kubelet-preferred-address-types'].length === 0,
      '--kubelet-preferred-address-types must name at least one type',
    ],
  ];
}

/** Where a negative time makes no sense, and upstream would take it for none or refuse it. */
const neverNegative = [
  'sample-max-age',
  'horizontal-pod-autoscaler-downscale-stabilization',
  'horizontal-pod-autoscaler-cpu-initialization-period',
  'horizontal-pod-autoscaler-initial-readiness-delay',
  'authentication-token-webhook-cache-ttl',
  'authorization-webhook-cache-authorized-ttl',
  'authorization-webhook-cache-unauthorized-ttl',
] as const;

function durationRules(flags: FlagValues): [boolean, string][] {
  return [
    ...neverNegative.map((name): [boolean, string] => [flags[name] < 0, `--${name} must not be negative`]),
    [flags['request-timeout'] < 0, '--request-timeout can not be negative value'],
    [flags['shutdown-delay-duration'] < 0, '--shutdown-delay-duration can not be negative value'],
  ];
}
