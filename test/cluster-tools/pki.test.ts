// Integration: the certificates are judged by OpenSSL, through node:crypto and a TLS handshake.
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, isIPv4 } from 'node:net';
import { connect, createServer, type PeerCertificate, type TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { type Authority, createAuthority, createSigningKeys, type KeyPairPem } from '../cluster/pki.ts';

describe('createAuthority', () => {
  const authority = createAuthority('test-ca');

  it('makes a certificate authority that signed itself', () => {
    const certificate = new X509Certificate(authority.certificatePem);
    expect(certificate.ca).to.equal(true);
    expect(certificate.subject).to.equal('CN=test-ca');
    expect(certificate.verify(certificate.publicKey)).to.equal(true);
  });

  it('issues certificates that chain to it and are no authorities', () => {
    const issued = new X509Certificate(authority.issue({ commonName: 'a', usage: 'client' }).certificatePem);
    const ca = new X509Certificate(authority.certificatePem);
    expect(issued.checkIssued(ca)).to.equal(true);
    expect(issued.verify(ca.publicKey)).to.equal(true);
    expect(issued.ca).to.equal(false);
  });

  it('hands out the key that belongs to the certificate', () => {
    const { certificatePem, keyPem } = authority.issue({ commonName: 'a', usage: 'both' });
    expect(new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(keyPem))).to.equal(true);
  });

  it('puts organizations before the common name, as Kubernetes reads groups and user', () => {
    const { certificatePem } = authority.issue({ commonName: 'u', organizations: ['g1', 'g2'], usage: 'client' });
    expect(new X509Certificate(certificatePem).subject).to.equal('O=g1\nO=g2\nCN=u');
  });

  it('covers names and addresses of a server', () => {
    const hosts = ['localhost', 'kubernetes.default.svc', '127.0.0.1'];
    const certificate = new X509Certificate(
      authority.issue({ commonName: 's', usage: 'server', hosts }).certificatePem,
    );
    for (const host of hosts) {
      expect(isIPv4(host) ? certificate.checkIP(host) : certificate.checkHost(host)).to.equal(host);
    }
    expect(certificate.checkHost('other')).to.equal(undefined);
  });

  it('restricts a certificate to what it is for', () => {
    const usageOf = (usage: 'client' | 'server' | 'both'): readonly string[] =>
      new X509Certificate(authority.issue({ commonName: 'a', usage }).certificatePem).keyUsage;
    expect(usageOf('client')).to.deep.equal(['1.3.6.1.5.5.7.3.2']);
    expect(usageOf('server')).to.deep.equal(['1.3.6.1.5.5.7.3.1']);
    expect(usageOf('both')).to.deep.equal(['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.1']);
  });

  it('takes the validity it is given', () => {
    const notBefore = new Date('2001-02-03T04:05:06Z');
    const notAfter = new Date('2002-02-03T04:05:06Z');
    const { certificatePem } = authority.issue({ commonName: 'old', usage: 'server', notBefore, notAfter });
    const certificate = new X509Certificate(certificatePem);
    expect(new Date(certificate.validFrom)).to.deep.equal(notBefore);
    expect(new Date(certificate.validTo)).to.deep.equal(notAfter);
  });

  it('gives every certificate another serial number', () => {
    const serials = Array.from({ length: 20 }, () => {
      const { certificatePem } = authority.issue({ commonName: 'a', usage: 'client' });
      return new X509Certificate(certificatePem).serialNumber;
    });
    expect(new Set(serials).size).to.equal(20);
  });

  it('makes certificates that both sides of a TLS connection accept', async () => {
    const server = authority.issue({ commonName: 's', usage: 'server', hosts: ['127.0.0.1'] });
    const client = authority.issue({ commonName: 'u', organizations: ['g'], usage: 'client' });
    const peer = await handshake(authority, server, client);
    expect(peer.subject).to.include({ CN: 'u', O: 'g' });
  });
});

describe('createSigningKeys', () => {
  it('makes a private key and its public key', () => {
    const { privateKeyPem, publicKeyPem } = createSigningKeys();
    const derived = createPublicKey(createPrivateKey(privateKeyPem)).export({ type: 'spki', format: 'pem' });
    expect(derived).to.equal(publicKeyPem);
  });
});

/** Connects with certificates checked on both sides; what the server saw of the client. */
async function handshake(authority: Authority, serving: KeyPairPem, client: KeyPairPem): Promise<PeerCertificate> {
  const ca = authority.certificatePem;
  const server = createServer({
    ca,
    cert: serving.certificatePem,
    key: serving.keyPem,
    requestCert: true,
    rejectUnauthorized: true,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const accepted = once(server, 'secureConnection') as Promise<[TLSSocket]>;
  const socket = connect({ host: '127.0.0.1', port, ca, cert: client.certificatePem, key: client.keyPem });
  try {
    await once(socket, 'secureConnect');
    return (await accepted)[0].getPeerCertificate();
  } finally {
    socket.destroy();
    server.close();
  }
}
