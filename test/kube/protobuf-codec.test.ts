import { expect } from 'chai';
import { ApiStatusError, isGone, isResourceVersionTooLarge } from '../../src/kube/api-status-error.ts';
import { acceptHeader, codecFor, WatchCorrupted, type WatchEvent } from '../../src/kube/codec.ts';
import { createJsonCodec } from '../../src/kube/json-codec.ts';
import type { PodRecord } from '../../src/kube/pod-record.ts';
import { createPodProjection } from '../../src/kube/project-pod.ts';
import { statusOfProtobuf } from '../../src/kube/protobuf-codec.ts';
import { createPodProtobufCodec } from '../../src/kube/protobuf-pod.ts';
import { HeadroomError } from '../../src/lib/errors.ts';
import {
  envelope,
  field,
  frame,
  integer,
  list,
  message,
  statusEnvelope,
  watchFrame,
} from '../support/protobuf-wire.ts';
import { rawPod } from './objects.ts';
import { podMessage, type RawPod } from './pod-message.ts';

function podAt(name: string, resourceVersion: string): RawPod {
  return rawPod({ name, metadata: { resourceVersion } });
}

describe('the protobuf codec', () => {
  const codec = createPodProtobufCodec();
  const json = createJsonCodec(createPodProjection());

  it('is taken when the answer says protobuf, and JSON for everything else', () => {
    const codecs = [codec, json] as const;
    expect(acceptHeader(codecs)).to.equal('application/vnd.kubernetes.protobuf,application/json');
    for (const type of ['application/vnd.kubernetes.protobuf', 'application/vnd.kubernetes.protobuf;stream=watch']) {
      expect(codecFor(codecs, type), type).to.equal(codec);
    }
    for (const type of ['application/json', 'application/json; charset=utf-8', 'text/plain', '', undefined]) {
      expect(codecFor(codecs, type), type).to.equal(json);
    }
  });

  describe('reads pages', () => {
    it('with their version and the token of the next', () => {
      const pods = ['a', 'b'].map((name) => podMessage(podAt(name, '3')));
      const page = codec.readPage(list('PodList', { resourceVersion: '7', continueToken: 'next' }, pods));
      expect([page.resourceVersion, page.continueToken]).to.deep.equal(['7', 'next']);
      expect([...page.items].map(({ key }) => key)).to.deep.equal(['default/a', 'default/b']);
    });

    it('whose metadata stand behind the items', () => {
      const items = field(2, podMessage(podAt('a', '3')));
      const page = codec.readPage(envelope('PodList', message(items, field(1, field(2, '7')))));
      expect([page.resourceVersion, page.continueToken, [...page.items].length]).to.deep.equal(['7', '', 1]);
    });

    const checkRefused = (title: string, body: Buffer): void => {
      it(`but not ${title}`, () => {
        expect(() => codec.readPage(body)).to.throw(HeadroomError);
      });
    };
    const whole = list('PodList', { resourceVersion: '7' }, [podMessage(podAt('a', '3'))]);
    checkRefused('lists of something else', list('NodeList', { resourceVersion: '7' }, []));
    checkRefused('a body without the magic bytes', whole.subarray(4));
    checkRefused('JSON', Buffer.from('{"kind":"PodList"}'));
    checkRefused('nothing', Buffer.alloc(0));

    it('but not one that is cut off, at any byte: it is refused, or has no version', () => {
      // The two empty fields at its end are not read.
      for (let length = 0; length < whole.length - 4; length++) {
        expect(versionOf(whole.subarray(0, length)), `${length} bytes`).to.equal('');
      }
      expect(versionOf(whole)).to.equal('7');
    });

    function versionOf(body: Buffer): string {
      try {
        return codec.readPage(body).resourceVersion;
      } catch (error) {
        expect(error).to.be.instanceOf(HeadroomError);
        return '';
      }
    }
  });

  describe('reads watches', () => {
    const changes: readonly (readonly ['ADDED' | 'MODIFIED' | 'DELETED', string])[] = [
      ['ADDED', '11'],
      ['MODIFIED', '12'],
      ['DELETED', '13'],
    ];
    const bookmark = envelope('Pod', podMessage({ metadata: { resourceVersion: '14' } }));
    const stream = message(
      ...changes.map(([type, version]) => watchFrame(type, envelope('Pod', podMessage(podAt('a', version))))),
      watchFrame('BOOKMARK', bookmark),
    );
    const lines = Buffer.from(
      [
        ...changes.map(([type, version]) => ({ type, object: podAt('a', version) })),
        { type: 'BOOKMARK', object: { metadata: { resourceVersion: '14' } } },
      ]
        .map((event) => `${JSON.stringify(event)}\n`)
        .join(''),
    );

    it('as JSON is read', () => {
      expect(codec.eventReader().push(stream)).to.deep.equal(json.eventReader().push(lines));
      expect(codec.eventReader().push(stream)).to.have.length(4);
    });

    it('and knows the bookmark that ends initial events by its annotation', () => {
      const check = (annotations: Record<string, string>, expected: boolean): void => {
        const metadata = { resourceVersion: '14', annotations };
        const line = Buffer.from(`${JSON.stringify({ type: 'BOOKMARK', object: { metadata } })}\n`);
        const frame = watchFrame('BOOKMARK', envelope('Pod', podMessage({ metadata })));
        const bookmark = { type: 'BOOKMARK', endsInitialEvents: expected, resourceVersion: '14' };
        expect(json.eventReader().push(line)).to.deep.equal([bookmark]);
        expect(codec.eventReader().push(frame)).to.deep.equal([bookmark]);
      };
      check({}, false);
      check({ 'k8s.io/initial-events-end': 'true' }, true);
      check({ 'k8s.io/initial-events-end': 'false' }, false);
      check({ 'k8s.io/initial-events': 'true', another: 'true' }, false);
      check({ a: 'b', 'k8s.io/initial-events-end': 'true', z: 'true' }, true);
    });

    it('cut at any byte', () => {
      const expected = codec.eventReader().push(stream);
      for (let cut = 0; cut <= stream.length; cut++) {
        const reader = codec.eventReader();
        const found: WatchEvent<PodRecord>[] = [
          ...reader.push(stream.subarray(0, cut)),
          ...reader.push(stream.subarray(cut)),
        ];
        expect(found, `cut at ${cut}`).to.deep.equal(expected);
      }
    });

    it('and tells what an ERROR event says, in the words of JSON', () => {
      const text = 'too old resource version: 5 (100)';
      const fromProtobuf = errorOf(() =>
        codec.eventReader().push(watchFrame('ERROR', statusEnvelope(410, 'Expired', text))),
      );
      const status = { kind: 'Status', status: 'Failure', message: text, reason: 'Expired', code: 410 };
      const fromJson = errorOf(() =>
        json.eventReader().push(Buffer.from(`${JSON.stringify({ type: 'ERROR', object: status })}\n`)),
      );
      for (const error of [fromProtobuf, fromJson]) {
        expect(error).to.be.instanceOf(ApiStatusError);
        expect(isGone(error)).to.equal(true);
        expect((error as ApiStatusError).message).to.equal(text);
        expect((error as ApiStatusError).httpStatus).to.equal(410);
      }
    });

    it('and knows a bad object by its name, and where the watch is, however bad the rest', () => {
      const bad = message(
        field(1, message(field(1, 'web'), field(3, 'ns'), field(6, '12'))),
        field(2, Buffer.from([0x0a, 0x7f])),
      );
      const [event] = codec.eventReader().push(watchFrame('MODIFIED', envelope('Pod', bad)));
      expect(event).to.deep.include({ type: 'MODIFIED', resourceVersion: '12' });
      expect(event).to.have.nested.property('reading.key', 'ns/web');
      expect(event).to.have.nested.property('reading.problem').which.is.instanceOf(HeadroomError);
    });

    describe('but not what is no watch', () => {
      const check = (title: string, bytes: Buffer): void => {
        it(title, () => {
          expect(() => codec.eventReader().push(bytes)).to.throw(WatchCorrupted);
        });
      };
      const pod = envelope('Pod', podMessage(podAt('a', '1')));
      check('an event of another type', watchFrame('RENAMED', pod));
      check('an event without a type', watchFrame('', pod));
      check('an empty frame', frame(Buffer.alloc(0)));
      check('an object of another kind', watchFrame('ADDED', envelope('Node', podMessage(podAt('a', '1')))));
      check('an object without the magic bytes', watchFrame('ADDED', podMessage(podAt('a', '1'))));
      check('an object that is cut off in its envelope', watchFrame('ADDED', pod.subarray(0, 20)));
      check('a frame of random bytes', frame(Buffer.from('garbage')));
      check('a line of JSON', lines);
    });
  });

  describe('reads a Status', () => {
    it('with its details', () => {
      const cause = message(field(1, 'ResourceVersionTooLarge'), field(2, 'why'), field(3, ''));
      const details = message(
        field(1, 'web'),
        field(2, 'apps'),
        field(3, 'deployments'),
        field(4, cause),
        integer(5, 3),
      );
      const status = statusOfProtobuf(statusEnvelope(504, 'Timeout', 'later', details));
      expect(status).to.deep.equal({
        status: 'Failure',
        message: 'later',
        reason: 'Timeout',
        code: 504,
        details: {
          name: 'web',
          group: 'apps',
          kind: 'deployments',
          uid: '',
          causes: [{ reason: 'ResourceVersionTooLarge', message: 'why', field: '' }],
          retryAfterSeconds: 3,
        },
      });
      expect(isResourceVersionTooLarge(new ApiStatusError(status ?? {}))).to.equal(true);
    });

    it('and leaves out numbers that are not set', () => {
      const status = statusOfProtobuf(statusEnvelope(0, '', 'no', integer(5, 0)));
      expect(status).to.not.have.any.keys('code');
      expect(status?.details).to.not.have.any.keys('retryAfterSeconds');
    });

    it('and nothing else', () => {
      expect(statusOfProtobuf(envelope('Pod', message()))).to.equal(undefined);
      expect(statusOfProtobuf(Buffer.from('{"kind":"Status"}'))).to.equal(undefined);
      expect(statusOfProtobuf(Buffer.from('k8s\0\xff', 'latin1'))).to.equal(undefined);
    });
  });
});

function errorOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
