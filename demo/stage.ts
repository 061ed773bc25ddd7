// Types only: a cluster with nodes and a load that can be switched, of either kind.
import type { ControlPlane } from '../test/cluster/control-plane.ts';
import type { LoadLevel } from './load-course.ts';
import type { Example } from './manifests.ts';

export interface Stage extends AsyncDisposable {
  readonly controlPlane: ControlPlane;
  /** `3 simulated nodes`. */
  readonly nodes: string;
  /** Puts a process into the control plane's network; empty when that is ours. */
  readonly commandPrefix: readonly string[];
  /** Where the control plane's network is reached from here. */
  readonly address: string;
  /** What Headroom listens on, so that kube-apiserver reaches it as localhost and we reach it at `address`. */
  readonly bindAddress: string;
  readonly example: Example;
  readonly loadTexts: Readonly<Record<LoadLevel, string>>;
  readonly remarks: readonly string[];
  setLoad(level: LoadLevel): Promise<void>;
}
