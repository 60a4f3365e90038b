import { generateKeyPairSync, sign } from 'node:crypto';

/** A certificate that no authority has signed, for 127.0.0.1, with its key. */
export interface SelfSigned {
  readonly key: string;
  readonly cert: string;
}

/** @param days how long it is valid from yesterday on; negative: it has expired */
export function selfSigned(days: number): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const [from, until] = days < 0 ? [days * 2, days] : [-1, days];
  const body = sequence(
    wrapped(0xa0, integer(2)),
    integer(1),
    ECDSA_WITH_SHA256,
    NAME,
    sequence(time(from), time(until)),
    NAME,
    publicKey.export({ type: 'spki', format: 'der' }),
    wrapped(0xa3, sequence(SUBJECT_ALTERNATIVE_NAME)),
  );
  const signature = wrapped(0x03, Buffer.from([0]), sign('sha256', body, privateKey));
  const certificate = sequence(body, ECDSA_WITH_SHA256, signature).toString('base64');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
  };
}

/** One value of DER (ITU-T X.690): its tag, its length, what is in it. */
function wrapped(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const length = content.length < 128 ? [content.length] : [0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return wrapped(0x30, ...parts);
}

function integer(value: number): Buffer {
  return wrapped(0x02, Buffer.from([value]));
}

function time(daysFromNow: number): Buffer {
  const date = new Date(Date.now() + daysFromNow * 86_400_000).toISOString();
  return wrapped(0x17, Buffer.from(`${date.slice(2, 19).replaceAll(/[-T:]/g, '')}Z`));
}

const oid = (hex: string): Buffer => wrapped(0x06, Buffer.from(hex, 'hex'));
const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));
const NAME = sequence(wrapped(0x31, sequence(oid('550403'), wrapped(0x0c, Buffer.from('127.0.0.1')))));
const SUBJECT_ALTERNATIVE_NAME = sequence(
  oid('551d11'),
  wrapped(0x04, sequence(wrapped(0x87, Buffer.from([127, 0, 0, 1])))),
);
