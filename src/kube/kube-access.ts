// Edge: where the API server is and who we are to it, as far as the program has to know while it runs. @kubernetes/client-node reads it once.
import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import type { Cluster, User } from '@kubernetes/client-node';

/** What is used of a KubeConfig; one of @kubernetes/client-node is such an access too. */
export interface KubeAccess {
  getCurrentCluster(): Cluster | null;
  getCurrentUser(): User | null;
  /** Adds TLS material and headers as they are now: files and tokens rotate. Throws when a file cannot be read. */
  applyToHTTPSOptions(options: RequestOptions): Promise<void>;
}

/** Whether credentials come from somewhere that only @kubernetes/client-node knows how to ask: a command, a cloud, an identity provider. */
export function needsPlugin(user: User): boolean {
  const { authProvider, exec } = user;
  return (exec !== undefined && exec !== null) || (hasProvider(authProvider) && tokenFileOf(user) === undefined);
}

/** Credentials that are texts and files. */
export class FileKubeAccess implements KubeAccess {
  readonly #cluster: Cluster;
  readonly #user: User;

  constructor(cluster: Cluster, user: User) {
    this.#cluster = cluster;
    this.#user = user;
  }

  getCurrentCluster(): Cluster {
    return this.#cluster;
  }

  getCurrentUser(): User {
    return this.#user;
  }

  async applyToHTTPSOptions(options: RequestOptions): Promise<void> {
    const [cluster, user] = [this.#cluster, this.#user];
    const [ca, cert, key, token] = await Promise.all([
      pemOf(cluster.caFile, cluster.caData),
      pemOf(user.certFile, user.certData),
      pemOf(user.keyFile, user.keyData),
      tokenOf(user),
    ]);
    const headers = {
      ...(user.impersonateUser !== undefined && { 'Impersonate-User': user.impersonateUser }),
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    };
    Object.assign(options, {
      ...(cluster.skipTLSVerify && { rejectUnauthorized: false }),
      ...(isGiven(cluster.tlsServerName) && { servername: cluster.tlsServerName }),
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(isGiven(user.username) && { auth: `${user.username}:${user.password ?? ''}` }),
      headers,
    });
  }
}

/** A file counts before data, as in kubectl. Data is base64. */
async function pemOf(file: string | undefined, data: string | undefined): Promise<Buffer | undefined> {
  if (isGiven(file)) return readFile(file);
  return isGiven(data) ? Buffer.from(data, 'base64') : undefined;
}

async function tokenOf(user: User): Promise<string | undefined> {
  if (isGiven(user.token)) return user.token;
  const file = tokenFileOf(user);
  return file === undefined ? undefined : (await readFile(file, 'utf8')).trim();
}

/** client-node keeps the path of a token file as an auth provider of its own. */
function tokenFileOf({ authProvider }: User): string | undefined {
  if (!hasProvider(authProvider)) return undefined;
  const { config } = authProvider;
  if (typeof config !== 'object' || config === null || !('tokenFile' in config)) return undefined;
  return typeof config.tokenFile === 'string' && config.tokenFile !== '' ? config.tokenFile : undefined;
}

function hasProvider(provider: unknown): provider is { readonly config?: unknown } {
  return typeof provider === 'object' && provider !== null;
}

function isGiven(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}
