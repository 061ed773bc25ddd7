import { type KeyObject, X509Certificate } from 'node:crypto';
import { expect } from 'chai';
import { verifyClientChain } from '../../src/api/certificate-chain.ts';
import { readCertificateFields } from '../../src/api/certificate-fields.ts';
import { authorityExtensions, extendedKeyUsage, keyPurpose } from '../../src/api/certificate-issuer.ts';
import { authority, client, type Identity, identity } from './certificates.ts';

const nowMs = Date.UTC(2026, 10, 21);
const dayMs = 86_400_000;

function parse({ certificatePem }: Identity): X509Certificate {
  return new X509Certificate(certificatePem);
}

function verify(leaf: Identity, intermediates: Identity[], roots: Identity[], atMs = nowMs): string {
  const verdict = verifyClientChain(parse(leaf), intermediates.map(parse), roots.map(parse), atMs);
  return verdict.verified ? 'verified' : verdict.reason;
}

describe('api: certificate chains of clients', () => {
  const root = authority('root');
  const twin = authority('root');
  const middle = authority('middle', root);
  const leaf = client('carol', middle);

  it('accepts a leaf of a root', () => {
    expect(verify(client('carol', root), [], [root])).to.equal('verified');
  });
  it('accepts a leaf over intermediates in any order, and beside others', () => {
    const low = authority('low', middle);
    expect(verify(client('carol', low), [authority('noise'), middle, low], [twin, root])).to.equal('verified');
  });
  it('accepts an intermediate as a root, and the leaf itself', () => {
    expect(verify(leaf, [], [middle])).to.equal('verified');
    expect(verify(leaf, [], [leaf])).to.equal('verified');
  });
  it('accepts a leaf without restriction of purpose, or open to any', () => {
    expect(verify(identity('carol', root), [], [root])).to.equal('verified');
    expect(verify(identity('carol', root, { extensions: [extendedKeyUsage('2.5.29.37.0')] }), [], [root])).to.equal(
      'verified',
    );
  });
  it('refuses a leaf whose intermediates are missing', () => {
    expect(verify(leaf, [], [root])).to.equal('certificate signed by unknown authority');
  });
  it('refuses a root of the same name with another key', () => {
    expect(verify(client('carol', twin), [], [root])).to.equal('certificate signed by unknown authority');
  });
  it('refuses without roots', () => {
    expect(verify(leaf, [middle, root], [])).to.equal('certificate signed by unknown authority');
  });
  it('refuses what a leaf signed', () => {
    const forged = client('admin', client('carol', root));
    expect(verify(forged, [client('carol', root)], [root])).to.not.equal('verified');
    const carol = client('carol', root);
    expect(verify(client('admin', carol), [carol], [root])).to.not.equal('verified');
  });
  it('refuses an authority below one that may sign leaves only', () => {
    const short = authority('short', undefined, { pathLength: 0 });
    const below = authority('below', short);
    expect(verify(client('carol', short), [], [short])).to.equal('verified');
    expect(verify(client('carol', below), [below], [short])).to.equal(
      'too many intermediates for path length constraint',
    );
  });
  it('refuses other purposes, also of an authority in between', () => {
    const server = identity('web', root, { extensions: [extendedKeyUsage(keyPurpose.serverAuth)] });
    expect(verify(server, [], [root])).to.equal('certificate specifies an incompatible key usage');
    const forServers = authority('servers', root, {
      extensions: [...authorityExtensions(), extendedKeyUsage(keyPurpose.serverAuth)],
    });
    const below = client('carol', forServers);
    expect(verify(below, [forServers], [root])).to.equal('certificate specifies an incompatible key usage');
  });
  it('refuses a critical extension that it does not understand', () => {
    const odd = identity('carol', root, {
      extensions: [{ oid: '1.2.3.4', critical: true, value: Buffer.from([5, 0]) }],
    });
    expect(verify(odd, [], [root])).to.equal('unhandled critical extension');
    const harmless = identity('carol', root, {
      extensions: [{ oid: '1.2.3.4', critical: false, value: Buffer.from([5, 0]) }],
    });
    expect(verify(harmless, [], [root])).to.equal('verified');
  });

  describe('refuses what is not valid now', () => {
    const early = { notBeforeMs: nowMs - dayMs, notAfterMs: nowMs + dayMs };
    const text = 'certificate has expired or is not yet valid';
    it('in a leaf', () => {
      const short = client('carol', root, early);
      expect(verify(short, [], [root])).to.equal('verified');
      expect(verify(short, [], [root], nowMs + dayMs + 1)).to.equal(text);
      expect(verify(short, [], [root], nowMs - dayMs - 1)).to.equal(text);
    });
    it('in an intermediate or a root', () => {
      const shortRoot = authority('short', undefined, early);
      expect(verify(client('carol', shortRoot), [], [shortRoot], nowMs + 2 * dayMs)).to.equal(text);
    });
    it('and tells how long the chain will be', () => {
      const verdict = verifyClientChain(parse(client('carol', root, early)), [], [parse(root)], nowMs);
      expect(verdict).to.deep.equal({ verified: true, notBeforeMs: early.notBeforeMs, notAfterMs: early.notAfterMs });
    });
  });

  it('checks no signature with a key that nobody vouches for', () => {
    // They name the root, and its key, as their issuer.
    const forgedMiddle = authority('middle', { ...twin, publicKey: root.publicKey });
    const [forgedLeaf, forged, trusted] = [client('admin', forgedMiddle), forgedMiddle, root].map(parse);
    const keys: KeyObject[] = [];
    for (const certificate of [forgedLeaf!, forged!]) {
      const verifyReally = certificate.verify.bind(certificate);
      certificate.verify = (key) => {
        keys.push(key);
        return verifyReally(key);
      };
    }
    expect(verifyClientChain(forgedLeaf!, [forged!], [trusted!], nowMs).verified).to.equal(false);
    expect(keys.map((key) => key.equals(root.publicKey))).to.deep.equal([true]);
  });

  it('gives up on intermediates that lead in circles', () => {
    const knots = Array.from({ length: 30 }, () => authority('knot', root));
    const verdict = verify(client('carol', { ...authority('knot'), name: { commonName: 'knot' } }), knots, [twin]);
    expect(verdict).to.not.equal('verified');
  });

  it('reads names as they are, whatever they hold', () => {
    const odd = client('carol, the "x"\nO=system:masters/CN=root', root, { organizations: ['devs', 'öps', 'a=b,c'] });
    const fields = readCertificateFields(parse(odd));
    expect(fields.commonName).to.equal('carol, the "x"\nO=system:masters/CN=root');
    expect(fields.organizations).to.deep.equal(['devs', 'öps', 'a=b,c']);
  });
  it('reads what an authority may do', () => {
    expect(readCertificateFields(parse(authority('a', undefined, { pathLength: 3 }))).pathLength).to.equal(3);
    expect(readCertificateFields(parse(root)).pathLength).to.equal(undefined);
    expect(readCertificateFields(parse(root)).criticalExtensions).to.deep.equal(['2.5.29.19', '2.5.29.15']);
  });
});
