import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { SimplePlugin } from '@temporalio/plugin';
import type { WorkerOptions } from '@temporalio/worker';
import type { Action } from './activities/action.ts';
import type { Bindings } from './activities/admission.ts';
import type { Brain } from './activities/brain.ts';
import { activitiesOf, CONTROL } from './activities/control.ts';
import type { FactDefinition } from './activities/fact.ts';
import { guard } from './activities/guard.ts';
import type { DecisionLog, GuardPort } from './activities/guard-port.ts';
import { RunHistory } from './activities/history.ts';
import { Policies } from './activities/policies.ts';
import { Registry } from './activities/registry.ts';
import type { Exempt } from './activities/registry.ts';
import { loadPolicies } from './charters/load-policies.ts';
import type { CredentialBroker } from './identity/credential.ts';
import { putCharter } from './ledger/charter.ts';
import type { Ledger } from './ledger/ledger.ts';

const WORKFLOWS = fileURLToPath(new URL('./workflows/index.ts', import.meta.url));
const GATE = fileURLToPath(new URL('./workflows/gate.ts', import.meta.url));
const LEASE_MARGIN_MS = 2_000;

export interface RemitOptions {
  readonly ledger: Ledger;
  /** For reading what Temporal itself recorded. */
  readonly client: Client;
  readonly credentials: CredentialBroker;
  readonly actions: readonly Action[];
  readonly facts: readonly FactDefinition[];
  /** Folder of `*.charter.yaml`, absolute. */
  readonly chartersDir: string;
  readonly houseRulesFile: string;
  /** Charters of Workflow types other than `agentJob`, which may work any. */
  readonly bindings?: Bindings;
  /** Your Activities that are no actions, each with the reason why it needs no permission. */
  readonly exempt?: readonly Exempt[];
  readonly log: DecisionLog;
  readonly leaseMarginMs?: number;
  readonly reached?: GuardPort['reached'];
}

/**
 * Loads and puts the charters in force, and makes the guard's port.
 *
 * @throws CharterError with every problem of every file, by line and column
 */
export async function openGuardPort(options: RemitOptions): Promise<GuardPort> {
  const { ledger, actions, facts, chartersDir, houseRulesFile } = options;
  const registry = new Registry({ actions, facts, exempt: [...CONTROL, ...(options.exempt ?? [])] });
  const vocabulary = registry.vocabulary();
  const { revisions } = await loadPolicies({ chartersDir, houseRulesFile, vocabulary });
  for (const revision of revisions) await putCharter(ledger, revision, 'charter files');
  return {
    ledger,
    policies: new Policies(ledger, vocabulary, revisions),
    registry,
    history: new RunHistory(options.client.workflow),
    bindings: { agentJob: revisions.map(({ charter }) => charter), ...options.bindings },
    credentials: options.credentials,
    log: options.log,
    leaseMarginMs: options.leaseMarginMs ?? LEASE_MARGIN_MS,
    reached: options.reached ?? (() => undefined),
  };
}

/** The one install for a Temporal Worker: guard, gate, actions and Remit's Workflows. */
export class RemitPlugin extends SimplePlugin {
  readonly #port: GuardPort;

  constructor(port: GuardPort, brains: readonly Brain[]) {
    super({
      name: 'remit',
      activities: activitiesOf(port, brains),
      workerInterceptors: { activity: [guard(port)], workflowModules: [GATE] },
    });
    this.#port = port;
  }

  /** @throws RegistryError when an Activity is neither an action nor exempt with a reason */
  override configureWorker(options: WorkerOptions): WorkerOptions {
    this.#port.registry.requireCovers(Object.keys(options.activities ?? {}));
    const workflows =
      options.workflowsPath === undefined && options.workflowBundle === undefined ? { workflowsPath: WORKFLOWS } : {};
    return super.configureWorker({ ...options, ...workflows });
  }
}

/** Where the Workflows and the gate live, for a bundle made ahead. */
export const BUNDLE = { workflowsPath: WORKFLOWS, workflowInterceptorModules: [GATE] } as const;
