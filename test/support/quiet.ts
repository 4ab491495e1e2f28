import { DefaultLogger, Runtime } from '@temporalio/worker';

/** Tests read assertions, not the Worker's diary. */
Runtime.install({ logger: new DefaultLogger('ERROR') });
