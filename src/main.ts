#!/usr/bin/env node
import { reportFailure } from './cli/failure.ts';
import { run } from './cli/run.ts';

process.on('uncaughtException', (error) => process.exit(reportFailure(error)));
// Whoever reads what we print may have seen enough.
process.stdout.on('error', () => {});

process.exit(await run(process.argv.slice(2)));
