// Pure: what a request of the comparison is, and the names that all of them share.
import type { Question } from './ask.ts';
import type { Credential } from './credentials.ts';

export interface Request extends Question {
  /** The part of the run that it comes from. */
  readonly group: string;
  readonly credential: Credential;
  /** Of a question about one pod or node: what it is an example of. */
  readonly example?: string;
}

/** Names of the world that requests are made with. */
export interface Places {
  /** The tenant's, and an ordinary pod in it. */
  readonly namespace: string;
  readonly pod: string;
  /** A pod with many containers. */
  readonly widePod: PodName;
  /** A pod that no kubelet reports. */
  readonly idlePod: PodName;
  readonly emptyNamespace: string;
  readonly node: string;
  /** A node that is never scraped. */
  readonly silentNode: string;
}

interface PodName {
  readonly namespace: string;
  readonly name: string;
}

export const api = '/apis/metrics.k8s.io/v1beta1';

/** Who may do everything. */
export const administrator = 'certificate of kubernetes-admin in system:masters';

const tableOf = (version: string): string => `as=Table;v=${version};g=meta.k8s.io`;
export const json = 'application/json';
export const yaml = 'application/yaml';
export const protobuf = 'application/vnd.kubernetes.protobuf';
export const table = `${json};${tableOf('v1')}`;
export const partialList = `${json};as=PartialObjectMetadataList;v=v1;g=meta.k8s.io`;
export const discoveryList = 'g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

export type Get = (path: string, headers?: Question['headers']) => Request;

/** Makes GETs of one part of the run by one who asks. */
export function getter(group: string, credential: Credential): Get {
  return (path, headers = {}) => ({ group, credential, method: 'GET', path, headers });
}

/** The lines of a text, without their blanks; empty ones do not count. */
export function lines(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
