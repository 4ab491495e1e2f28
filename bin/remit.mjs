#!/usr/bin/env node
// The `remit` command: the same set-up as every npm script, then the command line program.
process.argv.splice(2, 0, 'remit');
await import('../scripts/bootstrap.mjs');
