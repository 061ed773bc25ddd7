import { expect } from 'chai';
import { readCommand } from '../src/options.ts';

const run = (...argv: string[]) => readCommand(argv, {}, '1.2.3');

function optionsOf(...argv: string[]) {
  const command = run(...argv);
  if (command.kind !== 'run') throw new Error(`expected to run, got ${JSON.stringify(command)}`);
  return command;
}

function mistakesOf(...argv: string[]): readonly string[] {
  const command = run(...argv);
  return command.kind === 'refuse' ? command.mistakes : [];
}

describe('the command line', () => {
  describe('reads values', () => {
    const check = (
      argv: string[],
      read: (options: ReturnType<typeof optionsOf>['options']) => unknown,
      expected: unknown,
    ) =>
      it(argv.length === 0 ? `defaults: ${String(expected)}` : argv.join(' '), () => {
        expect(read(optionsOf(...argv).options)).to.deep.equal(expected);
      });

    // As metrics-server's defaults (M-148) and kube-controller-manager's (H-163)
    check([], (o) => o.kubelet.resolutionMs, 60_000);
    check([], (o) => o.serving.port, 443);
    check([], (o) => o.kubelet.preferredAddressTypes.join(), 'Hostname,InternalDNS,InternalIP,ExternalDNS,ExternalIP');
    check([], (o) => o.autoscaler.syncPeriodMs, 15_000);
    check([], (o) => o.autoscaler.tolerance, 0.1);
    check([], (o) => o.autoscaler.downscaleStabilizationMs, 300_000);
    check([], (o) => o.autoscaler.concurrentSyncs, 5);
    check([], (o) => o.leaderElection.enabled, true);
    check([], (o) => o.autoscaler.nativeHpas, 'auto');

    // Forms
    check(['--secure-port=4443'], (o) => o.serving.port, 4443);
    check(['--secure-port', '4443'], (o) => o.serving.port, 4443);
    check(['-secure-port=4443'], (o) => o.serving.port, 4443);
    check(['-v', '4'], (o) => o.logging.verbosity, 4);
    check(['-v=4'], (o) => o.logging.verbosity, 4);
    check(['--kubelet-insecure-tls'], (o) => o.kubelet.insecureTls, true);
    check(['--kubelet-insecure-tls=false'], (o) => o.kubelet.insecureTls, false);
    check(['--leader-elect=F'], (o) => o.leaderElection.enabled, false);
    check(['--metric-resolution=1m30s'], (o) => o.kubelet.resolutionMs, 90_000);
    check([], (o) => o.kubelet.fastResolutionMs, 5000);
    check(['--fast-metric-resolution=0'], (o) => o.kubelet.fastResolutionMs, 60_000);
    check(['--metric-resolution=15s', '--fast-metric-resolution=15s'], (o) => o.kubelet.fastResolutionMs, 15_000);
    check(['-l', 'role=worker'], (o) => o.kubelet.nodeSelector, 'role=worker');
    check(['--horizontal-pod-autoscaler-tolerance=0'], (o) => o.autoscaler.tolerance, 0);

    check(['--sample-max-age=2m'], (o) => o.kubelet.sampleMaxAgeMs, 120_000);
    check(['--sample-max-age=0s'], (o) => o.kubelet.sampleMaxAgeMs, 70_000);
    check(['--metric-resolution=10m'], (o) => o.kubelet.sampleMaxAgeMs, 610_000);

    // TLS
    check([], (o) => o.serving.tlsCipherSuites, []);
    check(['--http2-max-streams-per-connection=0'], (o) => o.serving.http2MaxStreams, 250);
    check(['--disable-http2-serving'], (o) => o.serving.disableHttp2, true);
    check(
      ['--tls-cipher-suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_AES_128_GCM_SHA256'],
      (o) => o.serving.tlsCipherSuites,
      ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_AES_128_GCM_SHA256'],
    );
    check(
      ['--tls-sni-cert-key=a.crt,a.key', '--tls-sni-cert-key=b.crt,b.key:*.b.example,b.example'],
      (o) => o.serving.namedCertificates,
      [
        { certificateFile: 'a.crt', keyFile: 'a.key', names: [] },
        { certificateFile: 'b.crt', keyFile: 'b.key', names: ['*.b.example', 'b.example'] },
      ],
    );

    // Lists add up, other flags: the last one wins
    check(
      ['--kubelet-preferred-address-types=InternalIP,ExternalIP', '--kubelet-preferred-address-types=Hostname'],
      (o) => o.kubelet.preferredAddressTypes,
      ['InternalIP', 'ExternalIP', 'Hostname'],
    );
    check(['--secure-port=1', '--secure-port=2'], (o) => o.serving.port, 2);
    check(['--feature-gates=HPAScaleToZero=true'], (o) => o.featureGates, {
      HPAConfigurableTolerance: true,
      HPAScaleToZero: true,
      PodLevelResources: true,
    });

    // The kubeconfig of the program serves authentication too, unless told otherwise
    check(['--kubeconfig=/a'], (o) => o.authentication.kubeconfigPath, '/a');
    check(['--kubeconfig=/a', '--authorization-kubeconfig=/b'], (o) => o.authorization.kubeconfigPath, '/b');
  });

  describe('refuses, naming the flag', () => {
    const check = (argv: string[], ...expected: string[]) =>
      it(argv.join(' '), () => {
        expect(mistakesOf(...argv)).to.deep.equal(expected);
      });

    check(['--secure-prt=1'], 'unknown flag: --secure-prt (did you mean --secure-port?)');
    check(['--frobnicate'], 'unknown flag: --frobnicate');
    check(['--constructor'], 'unknown flag: --constructor');
    check(['--leader-elect-retry-period=0s'], '--leader-elect-retry-period must be greater than 0');
    check(['serve'], 'unexpected argument "serve": only flags are accepted (see --help)');
    check(['--secure-port'], 'flag needs an argument: --secure-port');
    check(['--secure-port=x'], 'invalid argument "x" for --secure-port: must be a whole number');
    check(
      ['--authorization-always-allow-paths=/healthz,/a*/b,/c/*'],
      '--authorization-always-allow-paths: only trailing * allowed in "/a*/b"',
    );
    check(['--tls-cipher-suites=FOO'], "--tls-cipher-suites: Cipher suite FOO not supported or doesn't exist");
    check(['--tls-sni-cert-key=a.crt'], '--tls-sni-cert-key: "a.crt" is not CERT,KEY or CERT,KEY:NAMES');
    check(['--http2-max-streams-per-connection=-1'], '--http2-max-streams-per-connection must not be negative');
    check(['--secure-port=0'], '--secure-port must be between 1 and 65535, but got 0');
    check(
      ['--kubelet-insecure-tls=maybe'],
      'invalid argument "maybe" for --kubelet-insecure-tls: must be true or false',
    );
    check(
      ['--metric-resolution=15'],
      'invalid argument "15" for --metric-resolution: time: missing unit in duration "15"',
    );
    check(
      ['--metric-resolution=5s'],
      'metric-resolution should be a time duration at least 10s, but value 5s provided',
    );
    check(
      ['--metric-resolution=10s'],
      'metric-resolution should be larger than kubelet-request-timeout, but metric-resolution value 10s kubelet-request-timeout value 10s provided',
    );
    check(
      ['--metric-resolution=15s', '--fast-metric-resolution=16s'],
      '--fast-metric-resolution must not be longer than --metric-resolution',
    );
    check(['--fast-metric-resolution=999ms'], '--fast-metric-resolution must be 0 or at least 1s');
    check(['--fast-metric-resolution=-5s'], '--fast-metric-resolution must be 0 or at least 1s');
    check(['--native-hpas=maybe'], 'invalid argument "maybe" for --native-hpas: must be one of auto, always, never');
    check(
      ['--feature-gates=Nope=true'],
      'invalid argument "Nope=true" for --feature-gates: unrecognized feature gate: Nope; known: HPAConfigurableTolerance, HPAScaleToZero, PodLevelResources',
    );
    check(
      ['--concurrent-horizontal-pod-autoscaler-syncs=0'],
      'concurrent-horizontal-pod-autoscaler-syncs must be greater than 0, but got 0',
    );
    check(
      ['--kubelet-service-account=a', '--kubelet-client-certificate=/c', '--kubelet-client-key=/k'],
      'cannot use both --kubelet-service-account and --kubelet-client-certificate: kubelets look at the certificate only',
    );
    check(['--kubelet-client-key=/k'], 'need both --kubelet-client-key and --kubelet-client-certificate');
    check(
      ['--kubelet-insecure-tls', '--kubelet-certificate-authority=/ca'],
      'cannot use both --kubelet-certificate-authority and --kubelet-insecure-tls',
    );
    check(['--shutdown-delay-duration=-1s'], '--shutdown-delay-duration can not be negative value');
    check(['--request-timeout=-1ns'], '--request-timeout can not be negative value');
    for (const name of [
      'sample-max-age',
      'horizontal-pod-autoscaler-downscale-stabilization',
      'horizontal-pod-autoscaler-cpu-initialization-period',
      'horizontal-pod-autoscaler-initial-readiness-delay',
      'authentication-token-webhook-cache-ttl',
      'authorization-webhook-cache-authorized-ttl',
      'authorization-webhook-cache-unauthorized-ttl',
    ])
      check([`--${name}=-1s`], `--${name} must not be negative`);
    check(['--goaway-chance'], 'flag needs an argument: --goaway-chance');
    check(
      ['--leader-elect-lease-duration=5s'],
      '--leader-elect-lease-duration must be greater than --leader-elect-renew-deadline',
    );
  });

  it('reports every mistake at once', () => {
    expect(
      mistakesOf('--nope', '--secure-port=x', '--kubelet-request-timeout=0s', '--node-selector=a in b'),
    ).to.have.length(4);
  });

  describe('warns of flags that do nothing here instead of refusing them', () => {
    const check = (...argv: string[]) =>
      it(argv.join(' '), () => {
        const { warnings, options } = optionsOf(...argv, '--secure-port=4443');
        const name = argv[0]?.replace(/=.*/, '');
        expect(warnings.map((warning) => warning.split(' has no effect: ')[0])).to.deep.equal([name]);
        expect(options.serving.port).to.equal(4443);
      });
    check('--profiling=false');
    check('--profiling');
    check('--log-flush-frequency=5s');
    check('--log-flush-frequency', '5s');
    check('--goaway-chance', '0.001');
    check('--debug-socket-path', '/run/debug.sock');
    check('--permit-port-sharing');
  });

  it('freezes the options, so that nobody changes what others read', () => {
    const { options } = optionsOf();
    expect(Object.isFrozen(options) && Object.isFrozen(options.kubelet.preferredAddressTypes)).to.equal(true);
  });

  it('takes namespace and identity from the downward API', () => {
    const command = readCommand([], { POD_NAMESPACE: 'ops', POD_NAME: 'headroom-7d4' }, '');
    expect(command.kind === 'run' && [command.options.namespace, command.options.identity]).to.deep.equal([
      'ops',
      'headroom-7d4',
    ]);
  });

  it('prints help with every flag and the version', () => {
    const help = run('--help');
    expect(help.kind === 'print' && help.text).to.include('--native-hpas auto|always|never');
    expect(run('--version')).to.deep.equal({ kind: 'print', text: 'headroom 1.2.3\n' });
  });
});
