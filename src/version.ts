// Edge: who we say that we are: the version of package.json, and the machine.
import { arch, platform } from 'node:os';
import packageJson from '../package.json' with { type: 'json' };

export const programVersion: string = packageJson.version;

const goArch = arch() === 'x64' ? 'amd64' : arch();

/** User-Agent towards the API server and the kubelets, in the form that the field's programs have. */
export const userAgent = `headroom/v${programVersion} (${platform()}/${goArch})`;

const [major = '', minor = ''] = programVersion.split('.');

/** What /version says: the shape of every Kubernetes server, with our own numbers. */
export const versionInfo = {
  major,
  minor,
  gitVersion: `v${programVersion}`,
  gitCommit: '',
  gitTreeState: '',
  buildDate: '',
  goVersion: '',
  compiler: '',
  platform: `${platform()}/${goArch}`,
} as const;
