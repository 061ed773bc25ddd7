// How connections are encrypted: versions, cipher suites, and which certificate is shown to whom.
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ConnectionOptions, connect } from 'node:tls';
import { expect } from 'chai';
import { openSslCiphers, unknownCipherSuites } from '../../src/api/cipher-suites.ts';
import { HeadroomError } from '../../src/lib/errors.ts';
import { ApiHarness, createPki, eventually, type Pki } from './api-harness.ts';
import { type Identity, identity, servingIdentity } from './certificates.ts';

describe('api: TLS', () => {
  const pki: Pki = createPki();
  let api: ApiHarness;
  beforeEach(() => {
    api = new ApiHarness(pki);
  });
  afterEach(() => api.stop());

  interface Handshake {
    readonly protocol: string | null;
    readonly cipher: string;
    readonly commonName: string;
  }

  async function handshake(options: ConnectionOptions = {}): Promise<Handshake | string> {
    const socket = connect({ host: '127.0.0.1', port: api.port, rejectUnauthorized: false, ...options });
    try {
      await once(socket, 'secureConnect');
      const [, commonName = ''] = /CN=(.+)/.exec(new X509Certificate(socket.getPeerCertificate().raw).subject) ?? [];
      return { protocol: socket.getProtocol(), cipher: socket.getCipher().standardName, commonName };
    } catch (error) {
      return error instanceof Error && 'code' in error ? String(error.code) : String(error);
    } finally {
      socket.destroy();
    }
  }

  it('speaks TLS 1.3, and 1.2 with forward secrecy only', async () => {
    await api.start();
    expect(await handshake()).to.include({ protocol: 'TLSv1.3' });
    expect(await handshake({ maxVersion: 'TLSv1.2' })).to.include({ protocol: 'TLSv1.2' });
    expect(await handshake({ maxVersion: 'TLSv1.2', ciphers: 'DHE-RSA-AES128-GCM-SHA256:AES128-SHA' })).to.match(
      /ALERT|HANDSHAKE/,
    );
    expect(await handshake({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' })).to.match(
      /VERSION/,
    );
  });

  it('speaks nothing below --tls-min-version', async () => {
    await api.start({ tlsMinVersion: 'TLSv1.3' });
    expect(await handshake({ maxVersion: 'TLSv1.2' })).to.match(/VERSION/);
  });

  it('speaks only the --tls-cipher-suites in TLS 1.2, and all of TLS 1.3', async () => {
    await api.start({ tlsCipherSuites: ['TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'] });
    expect(await handshake({ maxVersion: 'TLSv1.2' })).to.include({
      cipher: 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
    });
    expect(await handshake({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' })).to.match(
      /ALERT|HANDSHAKE/,
    );
    expect(await handshake({ ciphers: 'TLS_CHACHA20_POLY1305_SHA256' })).to.include({ protocol: 'TLSv1.3' });
  });

  it('speaks TLS 1.3 only when only its suites are named', async () => {
    await api.start({ tlsCipherSuites: ['TLS_AES_128_GCM_SHA256'] });
    expect(await handshake()).to.include({ protocol: 'TLSv1.3' });
    expect(await handshake({ maxVersion: 'TLSv1.2' })).to.match(/VERSION/);
  });

  it('resumes no session, so that it always sees all certificates of a client', async () => {
    await api.start();
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const options = { host: '127.0.0.1', port: api.port, rejectUnauthorized: false, maxVersion };
      const first = connect(options);
      let session: Buffer | undefined;
      first.on('session', (offered) => (session = offered));
      await once(first, 'secureConnect');
      first.write('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      await once(first.resume(), 'close');
      const second = connect({ ...options, session: session ?? first.getSession() });
      await once(second, 'secureConnect');
      expect(second.isSessionReused(), maxVersion).to.equal(false);
      second.destroy();
    }
  });

  it('knows cipher suites by the names that Go gives them', () => {
    expect(
      unknownCipherSuites(['TLS_AES_128_GCM_SHA256', 'TLS_RSA_WITH_AES_128_CBC_SHA', 'FOO', 'constructor']),
    ).to.deep.equal(['FOO', 'constructor']);
    expect(openSslCiphers(['TLS_RSA_WITH_AES_128_CBC_SHA', 'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305'])).to.equal(
      'ECDHE-RSA-CHACHA20-POLY1305:AES128-SHA',
    );
  });

  describe('shows the certificate of the name that is asked for (--tls-sni-cert-key)', () => {
    const writePair = async (
      name: string,
      { certificatePem, keyPem }: Identity,
    ): Promise<{ certificateFile: string; keyFile: string }> => {
      const [certificateFile, keyFile] = [join(api.directory, `${name}.crt`), join(api.directory, `${name}.key`)];
      await writeFile(certificateFile, certificatePem);
      await writeFile(keyFile, keyPem);
      return { certificateFile, keyFile };
    };
    const shownTo = async (servername: string): Promise<string> => {
      const outcome = await handshake({ servername });
      return typeof outcome === 'string' ? outcome : outcome.commonName;
    };
    const settings = (named: { certificateFile: string; keyFile: string; names: readonly string[] }[]) => ({
      certificateFile: join(api.directory, 'tls.crt'),
      keyFile: join(api.directory, 'tls.key'),
      certificateDir: api.directory,
      bindAddress: '127.0.0.1',
      named,
    });

    it('exactly or by its domain, and the usual one otherwise', async () => {
      await api.prepare();
      const one = {
        ...(await writePair('one', servingIdentity('one', pki.clusterCa))),
        names: ['a.example', '*.B.example'],
      };
      const two = { ...(await writePair('two', servingIdentity('two', pki.clusterCa))), names: ['x.b.example'] };
      const three = { ...(await writePair('three', identity('three.example', pki.clusterCa))), names: [] };
      const four = { ...(await writePair('four', servingIdentity('four', pki.clusterCa))), names: [] };
      await api.start({}, { certificateSettings: settings([one, two, three, four]) });
      const shown = await Promise.all(
        [
          'a.example',
          'A.EXAMPLE',
          'y.b.example',
          'x.b.example',
          'y.y.b.example',
          'b.example',
          'three.example',
          'localhost',
          'other',
        ].map(shownTo),
      );
      expect(shown).to.deep.equal([
        'one',
        'one',
        'one',
        'two',
        'headroom',
        'headroom',
        'three.example',
        'four',
        'headroom',
      ]);
    });

    it('which may be replaced, as the usual one may', async () => {
      await api.prepare();
      const one = { ...(await writePair('one', servingIdentity('one', pki.clusterCa))), names: ['a.example'] };
      await api.start({}, { certificateSettings: settings([one]) });
      expect(await shownTo('a.example')).to.equal('one');
      await writePair('one', servingIdentity('newer', pki.clusterCa));
      await api.writeServing(servingIdentity('new-usual', pki.clusterCa));
      await eventually('the new certificates are shown', async () => {
        api.clock.advance(10_000);
        return (await shownTo('a.example')) === 'newer' && (await shownTo('other')) === 'new-usual';
      });
    });

    it('and does not start with one that cannot be read', async () => {
      await api.prepare();
      const missing = { certificateFile: join(api.directory, 'none'), keyFile: join(api.directory, 'none'), names: [] };
      const error = await api
        .start({}, { certificateSettings: settings([missing]) })
        .catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(HeadroomError).and.include({ code: 'SERVING' });
    });
  });
});
