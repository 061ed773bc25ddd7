// Edge: what flags and kubeconfig say about reaching kubelets -> the scrape engine.
import type { Registry } from 'prom-client';
import type { KubeAccess } from '../kube/kube-access.ts';
import type { NodeStore } from '../kube/object-store.ts';
import type { PodStore } from '../kube/pod-store.ts';
import { createServiceAccountTokens } from '../kube/service-account-tokens.ts';
import type { ApiClient } from '../kube/types.ts';
import type { Clock } from '../lib/clock.ts';
import { everything, parseLabelSelector } from '../lib/label-selector.ts';
import type { Logger } from '../lib/logger.ts';
import type { LabelMatcher } from '../lib/views.ts';
import { BodyBuffers } from '../metrics/body-buffers.ts';
import { createKubeletClient } from '../metrics/kubelet-client.ts';
import { KubeletConnections } from '../metrics/kubelet-connections.ts';
import { KubeletTls, type KubeletTlsSettings, type PemSource } from '../metrics/kubelet-tls.ts';
import { createMetricsMonitor } from '../metrics/monitor.ts';
import { SampleKeeper } from '../metrics/sample-keeper.ts';
import { createScrapeEngine, type ScrapeEngine } from '../metrics/scrape-engine.ts';
import type { HotNodeReader } from '../metrics/types.ts';
import { WindowStore } from '../metrics/window-store.ts';
import type { Options } from '../options.ts';

export interface KubeletDeps {
  readonly options: Options;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly kubeConfig: KubeAccess;
  /** Asked for tokens of `--kubelet-service-account`. */
  readonly api: ApiClient;
  readonly userAgent: string;
  readonly nodes: NodeStore;
  readonly pods: PodStore;
  readonly hotNodes: HotNodeReader;
}

export interface Kubelets {
  readonly engine: ScrapeEngine;
  /** undefined: samples do not outlive the process. */
  readonly samples: SampleKeeper | undefined;
  readonly nodeSelector: LabelMatcher;
  close(): void;
}

/** Bodies beyond their first 64 KiB may take so much in all: a few giant answers at a time, never all of them. */
const maxBufferedBytes = 134_217_728;
/** A node runs a few hundred pods; what says more is broken or hostile. */
const maxContainersPerNode = 10_000;
/** Failing nodes may each hold a place until the time-out; they must not take those of good ones. */
const retryShare = 0.25;
const tokenMaxAgeMs = 10_000;

export function createKubelets(deps: KubeletDeps): Kubelets {
  const { options, clock, logger, registry, kubeConfig, nodes } = deps;
  const { kubelet } = options;
  const nodeSelector = kubelet.nodeSelector === '' ? everything : parseLabelSelector(kubelet.nodeSelector);
  const tls = new KubeletTls(clock, logger, tlsSettings(kubelet, kubeConfig));
  const connections = new KubeletConnections(clock, tls, 2 * kubelet.resolutionMs);
  const monitor = createMetricsMonitor(registry, kubelet.resolutionMs);
  const store = new WindowStore(kubelet);
  const directory = options.stateDir;
  const samples = directory === '' ? undefined : new SampleKeeper({ ...deps, directory, monitor, store, nodeSelector });
  const engine = createScrapeEngine({
    clock,
    logger,
    nodes,
    hotNodes: deps.hotNodes,
    onNodesChanged: (listener) => nodes.onChange(() => listener()),
    fetchExposition: createKubeletClient({
      connections,
      buffers: new BodyBuffers({ maxBodyBytes: kubelet.maxBodyBytes, maxBufferedBytes }),
      token: tokenSource(deps),
      settings: { userAgent: deps.userAgent, acceptGzip: false, maxBodyBytes: kubelet.maxBodyBytes },
    }),
    monitor,
    store,
    settings: {
      resolutionMs: kubelet.resolutionMs,
      fastResolutionMs: kubelet.fastResolutionMs,
      sampleMaxAgeMs: kubelet.sampleMaxAgeMs,
      nodeSelector,
      maxConcurrentScrapes: kubelet.maxConcurrentScrapes,
      maxConcurrentRetries: Math.max(1, Math.floor(kubelet.maxConcurrentScrapes * retryShare)),
      requestTimeoutMs: kubelet.requestTimeoutMs,
      maxContainersPerNode,
      address: {
        preferredAddressTypes: kubelet.preferredAddressTypes,
        port: kubelet.port,
        useNodeStatusPort: kubelet.useNodeStatusPort,
        scheme: kubelet.completelyInsecure ? 'http' : 'https',
      },
    },
  });
  return { engine, samples, nodeSelector, close: () => connections.close() };
}

/** docs/metrics-math.md, M-14: flags replace what the kubeconfig says, part by part. A certificate would outrank the token of a ServiceAccount. */
function tlsSettings(kubelet: Options['kubelet'], kubeConfig: KubeAccess): KubeletTlsSettings {
  const cluster = kubeConfig.getCurrentCluster();
  const user = kubelet.serviceAccount === '' ? kubeConfig.getCurrentUser() : null;
  const fromFlags = kubelet.clientCertificateFile !== '';
  return {
    ca: pemSource(kubelet.certificateAuthorityFile || cluster?.caFile, cluster?.caData),
    clientCertificate: fromFlags ? { file: kubelet.clientCertificateFile } : pemSource(user?.certFile, user?.certData),
    clientKey: fromFlags ? { file: kubelet.clientKeyFile } : pemSource(user?.keyFile, user?.keyData),
    insecureSkipVerify: kubelet.insecureTls,
  };
}

function pemSource(file: string | undefined, base64: string | undefined): PemSource | undefined {
  if (file !== undefined && file !== '') return { file };
  if (base64 === undefined || base64 === '') return undefined;
  return { pem: Buffer.from(base64, 'base64').toString('utf8') };
}

/** The bearer token for kubelets: of the ServiceAccount that is for them, or of the kubeconfig's user, as it rotates; undefined when there is none. */
function tokenSource({ options, kubeConfig, clock, logger, api }: KubeletDeps): () => Promise<string | undefined> {
  const { namespace, kubelet } = options;
  return kubelet.serviceAccount === ''
    ? kubeConfigTokens(kubeConfig, clock)
    : createServiceAccountTokens({ api, clock, logger, namespace, name: kubelet.serviceAccount });
}

function kubeConfigTokens(kubeConfig: KubeAccess, clock: Clock): () => Promise<string | undefined> {
  let token: Promise<string | undefined> | undefined;
  let readAtMs = 0;
  return () => {
    if (token === undefined || clock.monotonic() - readAtMs >= tokenMaxAgeMs) {
      readAtMs = clock.monotonic();
      token = readToken(kubeConfig);
    }
    return token;
  };
}

async function readToken(kubeConfig: KubeAccess): Promise<string | undefined> {
  const request: { headers: Record<string, string> } = { headers: {} };
  await kubeConfig.applyToHTTPSOptions(request);
  return /^Bearer (.+)$/.exec(request.headers['Authorization'] ?? '')?.[1];
}
