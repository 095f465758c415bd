/**
 * Fernet, the format in which Prefect keeps secrets: AES-128 in CBC mode, signed with HMAC-SHA256. A key is 32 bytes in
 * URL-safe base64; the first half signs, the second encrypts.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const VERSION = 0x80;
/** Version, moment, initialization vector. */
const HEAD_BYTES = 1 + 8 + 16;
const SIGNATURE_BYTES = 32;

export interface FernetKey {
  signing: Buffer;
  encryption: Buffer;
}

/** Not a token, or not one of this key. */
export class NotDecryptable extends Error {}

/** Null for what isn't a key. */
export function readFernetKey(text: string): FernetKey | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === 32 ? { signing: bytes.subarray(0, 16), encryption: bytes.subarray(16) } : null;
}

export function newFernetKey(): string {
  return urlSafe(randomBytes(32));
}

export function encryptFernet(key: FernetKey, text: string): string {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt8(VERSION, 0);
  head.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000)), 1);
  const iv = randomBytes(16);
  iv.copy(head, 9);
  const cipher = createCipheriv('aes-128-cbc', key.encryption, iv);
  const signed = Buffer.concat([head, cipher.update(text, 'utf8'), cipher.final()]);
  return urlSafe(Buffer.concat([signed, signatureOf(key, signed)]));
}

/** @throws NotDecryptable */
export function decryptFernet(key: FernetKey, token: string): string {
  const bytes = Buffer.from(token, 'base64');
  const isToken = bytes.length > HEAD_BYTES + SIGNATURE_BYTES && bytes[0] === VERSION;
  if (!isToken) throw new NotDecryptable('This is no encrypted value.');
  const signed = bytes.subarray(0, -SIGNATURE_BYTES);
  if (!timingSafeEqual(signatureOf(key, signed), bytes.subarray(-SIGNATURE_BYTES)))
    throw new NotDecryptable('This value was encrypted with another key.');
  const decipher = createDecipheriv('aes-128-cbc', key.encryption, signed.subarray(9, HEAD_BYTES));
  return Buffer.concat([decipher.update(signed.subarray(HEAD_BYTES)), decipher.final()]).toString('utf8');
}

function signatureOf(key: FernetKey, signed: Buffer): Buffer {
  return createHmac('sha256', key.signing).update(signed).digest();
}

/** With its padding, which Python asks for. */
const urlSafe = (bytes: Buffer): string => bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
