import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { createApp } from '../../src/api/app.ts';
import { openDatabase } from '../../src/db/open.ts';
import { resolveSettings } from '../../src/settings/settings.ts';

/** Run as a process of its own: serves the database that it is given, and says on which port. */
const db = await openDatabase(JSON.parse(process.argv[2]!));
const settings = resolveSettings({ env: { HOME: '/nonexistent' }, cwd: '/' });
const { server } = createApp({ db, settings, log: pino({ level: 'warn' }, pino.destination(2)) });
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
