// Parity: what Headroom asks the API server and says of an autoscaler, against what kube-controller-manager v1.36.3 asked and said when it got the
// same answers, word for word. test/parity/vectors/README.md says how they were made.
import { expect } from 'chai';
import {
  autoscalerOf,
  type Conversation,
  type ConversationStep,
  converseAll,
  type OurSide,
  readConversations,
} from '../support/conversations.ts';

/** What we say instead of some words of the real controller; rows of docs/parity.md. */
interface Difference {
  readonly row: string;
  readonly theirs: RegExp | string;
  readonly ours: string;
}

const noUsage = 'no metrics returned from resource metrics API';
const apiWords: Difference = {
  row: 'K11',
  theirs: /unable to fetch metrics from resource metrics API: (?:[^"\\]|\\.)*/g,
  ours: noUsage,
};
const strays: Difference = {
  row: 'K12',
  theirs: /no pods returned by selector while calculating replica count|no metrics returned matched known pods/g,
  ours: `unable to get metrics for resource cpu: ${noUsage}`,
};
const discoveryWords: Difference = {
  row: 'K39',
  theirs: /an error on the server \(\\"unknown\\"\) has prevented the request from succeeding/g,
  ours: 'Internal error occurred: boom',
};
const otherKind: Difference = {
  row: 'K41',
  theirs:
    /unable to fetch metrics from custom metrics API: the custom metrics API server didn't return MetricValueList, the type is \*v1\.Status/g,
  ours: 'no metrics returned from custom metrics API',
};
/** By the name of the conversation. */
const differences: Readonly<Record<string, Difference>> = {
  'resource: API absent': apiWords,
  'resource: API down': apiWords,
  'resource: forbidden': apiWords,
  'resource: no pods': strays,
  'resource: no pods, average': strays,
  'resource: usage of strangers only': strays,
  'target: discovery fails': discoveryWords,
  'pods: discovery fails': discoveryWords,
  'pods: an answer of another kind': otherKind,
};

const scalePath = '/apis/apps/v1/namespaces/ns/deployments/web/scale';
const statusPath = '/apis/autoscaling/v2/namespaces/ns/horizontalpodautoscalers/web/status';
const conversations = new Map(readConversations().map((conversation) => [conversation.name, conversation]));

describe('when the API server answers as in a conversation of the real controller', () => {
  let heard: ReadonlyMap<string, readonly OurSide[]>;

  before(async () => {
    heard = await converseAll([...conversations.values()]);
  });

  const oursOf = (name: string): readonly OurSide[] => heard.get(name) ?? [];

  /** The first step of a conversation. */
  const both = (name: string): { readonly ours: OurSide; readonly theirs: ConversationStep['expected'] } => {
    const theirs = conversations.get(name)?.steps[0]?.expected;
    const [ours] = oursOf(name);
    if (theirs === undefined || ours === undefined) throw new Error(`no conversation is named ${name}`);
    return { ours, theirs };
  };

  /** Shown apart, below. */
  const apart = [
    'status: conflict',
    'status: forbidden when nothing can be decided',
    'write: discovery does not list the scale',
  ];
  for (const conversation of conversations.values()) {
    if (apart.includes(conversation.name)) continue;
    const row = differences[conversation.name]?.row;
    it(`${conversation.name}: we say the same${row === undefined ? '' : ` but for ${row}`}`, () => {
      expect(oursOf(conversation.name).map(said)).to.deep.equal(
        conversation.steps.map((step) => expected(conversation, step)),
      );
      if (row !== undefined) expect(steps(conversation)).to.match(differences[conversation.name]?.theirs as RegExp);
    });
  }

  it('K25: nothing can be decided and the status is refused: the events have another order', () => {
    const { ours, theirs } = both('status: forbidden when nothing can be decided');
    const reasons = (events: readonly string[] = []): readonly string[] =>
      events.map((event) => event.split('|')[1] ?? '');
    const first = 'FailedGetPodsMetric';
    expect(reasons(theirs.events)).to.deep.equal([first, 'FailedUpdateStatus', 'FailedComputeMetricsReplicas']);
    expect(reasons(ours.events)).to.deep.equal([first, 'FailedComputeMetricsReplicas', 'FailedUpdateStatus']);
    expect(ours.events.toSorted()).to.deep.equal(theirs.events?.toSorted());
  });

  it('K24: a conflict of the status is no event: the object is read again, and it is gone', () => {
    const { ours, theirs } = both('status: conflict');
    expect(theirs.events).to.have.length(1);
    expect(ours.events).to.deep.equal([]);
    expect(ours.requests.slice(1)).to.deep.equal([
      `PATCH ${statusPath}?fieldManager=headroom`,
      `GET ${statusPath.replace(/\/status$/, '')}`,
    ]);
  });

  it('K42: a scale that discovery does not list is written all the same', () => {
    const { ours, theirs } = both('write: discovery does not list the scale');
    const reason = 'New size: 6; reason: cpu resource utilization (percentage of request) above target';
    const resource = 'apps/v1, Resource=deployments';
    expect(theirs.events).to.deep.equal([
      `Warning|FailedRescale|${reason}; error: could not find proper group-version for scale subresource of ${resource}: could not find scale subresource for ${resource} in discovery information`,
    ]);
    expect(ours.events).to.deep.equal([`Normal|SuccessfulRescale|${reason}`]);
  });

  it('we ask the same, in the same order, but for usage, what is read in vain, and how a status is written', () => {
    const different: string[] = [];
    for (const conversation of conversations.values()) {
      const ours = oursOf(conversation.name).map(({ requests }) => requests.map(asUpstream));
      const theirs = conversation.steps.map((step) => step.expected.requests.filter((line) => !isUsage(line)));
      if (JSON.stringify(ours) !== JSON.stringify(theirs)) different.push(conversation.name);
    }
    expect(different).to.deep.equal([
      'target: two versions, none with the object',
      // K21 and K22.
      'write: conflict for ever',
      'write: conflict, and gone',
      'write: refused by a webhook',
      'write: forbidden',
      'write: invalid',
      'write: fails',
      // K42.
      'write: discovery does not list the scale',
      'write: fails at a limit',
      'write: fails twice',
      'status: conflict',
      // K40.
      'object: target of another type',
      'external: target of another type',
    ]);
  });

  it('K10: of a kind in two versions one scale is asked for; the other version has the same one', () => {
    const { ours, theirs } = both('target: two versions, none with the object');
    expect(scaleRequests(theirs.requests)).to.deep.equal([`GET ${scalePath}`, `GET ${scalePath}`]);
    expect(scaleRequests(ours.requests)).to.deep.equal([`GET ${scalePath}`]);
    expect(ours.events).to.deep.equal(theirs.events);
  });

  it('K22: after a refused write the scale is not read in vain', () => {
    const { ours, theirs } = both('write: refused by a webhook');
    expect(scaleRequests(theirs.requests)).to.deep.equal([`GET ${scalePath}`, `PUT ${scalePath}`, `GET ${scalePath}`]);
    expect(scaleRequests(ours.requests)).to.deep.equal([`GET ${scalePath}`, `PUT ${scalePath}`]);
    expect(ours.events).to.deep.equal(theirs.events);
  });

  it('K40: a metric whose target says no number is asked for in vain', () => {
    const { ours, theirs } = both('external: target of another type');
    const isMetric = (line: string): boolean => line.includes('/external.metrics.k8s.io/');
    expect(theirs.requests.filter(isMetric)).to.deep.equal([]);
    expect(ours.requests.filter(isMetric)).to.have.length(1);
  });
});

type Said = Omit<OurSide, 'requests'>;

function said({ status, events, error }: OurSide): Said {
  return { status, events, error };
}

function expected(conversation: Conversation, { expected: theirs }: ConversationStep): Said {
  const { row, theirs: words, ours } = differences[conversation.name] ?? { row: '', theirs: '', ours: '' };
  const text = row === '' ? JSON.stringify(theirs) : JSON.stringify(theirs).replaceAll(words, ours);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it was one before
  const { status, events = [], error } = JSON.parse(text) as ConversationStep['expected'];
  return { status: autoscalerOf(conversation, status).status, events, error: error?.replace(...logOnly) };
}

/** Words around an error that stand in logs only, and that we do not have. */
const logOnly = [
  /^failed to update status for web: |^unable to determine resource for scale target reference: (?=Internal)/,
  (prefix: string): string =>
    prefix.startsWith('failed') ? '' : 'failed to query scale subresource for Deployment/ns/web: ',
] as const;

function steps({ steps: all }: Conversation): string {
  return JSON.stringify(all.map((step) => step.expected));
}

function isUsage(line: string): boolean {
  return line.includes('/apis/metrics.k8s.io/');
}

/** K23. */
function asUpstream(line: string): string {
  return line.replace(/^PATCH /, 'PUT ').replace('?fieldManager=headroom', '');
}

function scaleRequests(requests: readonly string[]): readonly string[] {
  return requests.filter((line) => line.endsWith('/scale'));
}
