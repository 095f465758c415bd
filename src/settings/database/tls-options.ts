import { statSync } from 'node:fs';
import { refuse } from '../kinds.ts';
import type { SettingName } from '../table.ts';
import { get, reading, type TargetContext } from './context.ts';
import type { TlsOptions } from './target.ts';

const PREFIX = 'server.database.sqlalchemy.connect_args.tls';
type FileName = 'ca_file' | 'cert_file' | 'key_file';

/** The settings' TLS, when it is on, goes before that of the URL. */
export function tlsOptions(context: TargetContext, ofUrl: Partial<TlsOptions>, host: string): TlsOptions {
  const enabled = get(context, `${PREFIX}.enabled`);
  if (enabled.value !== true) return withoutSettings(context, ofUrl, host);
  if (ofUrl.mode === 'disable' || ofUrl.mode === 'allow')
    refuse(`says ssl=${ofUrl.mode}, while ${enabled.found!.name} (${enabled.found!.place}) asks for TLS`);
  const certFile = settingFile(context, 'cert_file') ?? urlFile(context, ofUrl.certFile);
  const keyFile = settingFile(context, 'key_file') ?? urlFile(context, ofUrl.keyFile);
  if ((certFile === null) !== (keyFile === null))
    refuse('needs both a certificate and its key for TLS, or neither');
  return {
    mode: get(context, `${PREFIX}.check_hostname`).value ? 'verify-full' : 'verify-ca',
    caFile: settingFile(context, 'ca_file') ?? urlFile(context, ofUrl.caFile),
    certFile,
    keyFile,
  };
}

function withoutSettings(context: TargetContext, ofUrl: Partial<TlsOptions>, host: string): TlsOptions {
  for (const name of ['ca_file', 'cert_file', 'key_file'] as const) {
    const { found } = get(context, `${PREFIX}.${name}`);
    if (found) context.warnings.push(`${found.name} (${found.place}) isn't used: TLS isn't enabled.`);
  }
  // libpq: the system's own authorities, which are worth nothing unless the name is checked too.
  const system = ofUrl.caFile === 'system';
  const options: TlsOptions = {
    mode: ofUrl.mode ?? (system ? 'verify-full' : host.startsWith('/') ? 'disable' : 'prefer'),
    caFile: system ? null : urlFile(context, ofUrl.caFile),
    certFile: urlFile(context, ofUrl.certFile),
    keyFile: urlFile(context, ofUrl.keyFile),
  };
  if ((options.certFile === null) !== (options.keyFile === null))
    refuse('needs both sslcert and sslkey, or neither');
  return options;
}

function settingFile(context: TargetContext, name: FileName): string | null {
  const setting: SettingName = `${PREFIX}.${name}`;
  const { value, found } = get(context, setting);
  if (!found) return null;
  return reading(setting, found, () => existing(context, value as string));
}

const urlFile = (context: TargetContext, file: string | null | undefined): string | null =>
  file ? existing(context, file) : null;

function existing(context: TargetContext, file: string): string {
  const full = context.absolute(file);
  if (!statSync(full, { throwIfNoEntry: false })?.isFile())
    refuse(`names the file ${full}, which doesn't exist`);
  return full;
}
