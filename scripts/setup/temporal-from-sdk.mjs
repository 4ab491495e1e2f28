// Run in a process of its own: `node temporal-from-sdk.mjs <folder> <file name> <seconds at most>`.
// The SDK only offers to fetch and start a dev server in one go, so it is started once and stopped.
import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import bridge from '@temporalio/core-bridge';

const VERSION = 'v1.9.1';
const [folder = '', fileName = '', seconds = '300'] = process.argv.slice(2);

setTimeout(() => process.exit(1), Number(seconds) * 1_000).unref();
mkdirSync(folder, { recursive: true });
const { native } = bridge;
const runtime = native.newRuntime({
  logExporter: { type: 'console', filter: 'ERROR', format: null },
  telemetry: { attachServiceName: true, metricPrefix: 'temporal_' },
  metricsExporter: null,
  workerHeartbeatIntervalMillis: null,
});
const server = await native.newEphemeralServer(runtime, devServer());
await native.ephemeralServerShutdown(server);
native.runtimeShutdown(runtime);
const fetched = readdirSync(folder).find((name) => name.startsWith('temporal-'));
if (fetched !== undefined) renameSync(join(folder, fetched), join(folder, fileName));

function devServer() {
  return {
    type: 'dev-server',
    exe: {
      type: 'cached-download',
      downloadDir: folder,
      version: VERSION,
      ttl: 0,
      sdkName: 'sdk-typescript',
      sdkVersion: '1.24.0',
    },
    ...{ namespace: 'default', ip: '127.0.0.1', port: null, uiPort: null, dbFilename: null, ui: false },
    log: { format: 'pretty', level: 'error' },
    extraArgs: [],
  };
}
