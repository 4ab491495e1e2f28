import { setCurrentDetails, upsertMemo, upsertSearchAttributes } from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { BoundaryView, PendingApproval } from './messages.ts';

const { KEYWORD, INT } = SearchAttributeType;
export const remitAgent = defineSearchAttributeKey('RemitAgent', KEYWORD);
export const remitCharter = defineSearchAttributeKey('RemitCharter', KEYWORD);
export const remitMode = defineSearchAttributeKey('RemitMode', KEYWORD);
export const remitLevel = defineSearchAttributeKey('RemitLevel', KEYWORD);
export const remitOpenApprovals = defineSearchAttributeKey('RemitOpenApprovals', INT);

type Standing = Pick<BoundaryView, 'agent' | 'charter' | 'mode' | 'level'>;

/** What this run was last told of its boundary, and what it waits for; shown in the Temporal UI whenever it changes. */
export class ShownBoundary {
  view: BoundaryView | undefined;
  readonly #waits = new Map<string, PendingApproval>();
  #standing: Standing | undefined;
  #shown = '';

  waits(): readonly PendingApproval[] {
    return [...this.#waits.values()];
  }

  /** @returns whether what is revoked has changed */
  told(view: BoundaryView): boolean {
    const changed = JSON.stringify(view.revocations) !== JSON.stringify(this.view?.revocations ?? []);
    this.view = view;
    this.show(view);
    return changed;
  }

  waitsFor(request: PendingApproval, standing: Standing): void {
    this.#waits.set(request.requestId, request);
    this.show(standing);
  }

  waited(requestId: string | undefined): void {
    if (requestId === undefined || !this.#waits.delete(requestId)) return;
    if (this.#standing !== undefined) this.show(this.#standing);
  }

  show({ agent, charter, mode, level }: Standing): void {
    this.view = this.view === undefined ? undefined : { ...this.view, mode, level };
    this.#standing = { agent, charter, mode, level };
    const open = this.#waits.size;
    const shown = JSON.stringify([agent, charter, mode, level, [...this.#waits.keys()]]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    upsertSearchAttributes([
      { key: remitAgent, value: agent },
      { key: remitCharter, value: charter },
      { key: remitMode, value: mode },
      { key: remitLevel, value: level },
      { key: remitOpenApprovals, value: open },
    ]);
    upsertMemo({
      remit: { mode, level, waits: this.waits().map(({ requestId, sentence }) => ({ requestId, sentence })) },
    });
    setCurrentDetails(this.details({ agent, charter, mode, level }));
  }

  details({ agent, charter, mode, level }: Standing): string {
    const head = `Agent **${agent}** works **${charter}** at level **${level}** (boundary ${mode}).`;
    return [head, ...this.waits().map(howToDecide)].join('\n\n');
  }
}

function howToDecide({ requestId, sentence, reason }: PendingApproval): string {
  return [
    `**Waits for a person: ${plain(sentence)}**`,
    `Why: ${plain(reason)}`,
    `Decide with \`remit approve ${requestId}\` or \`remit refuse ${requestId}\`, or send the Signal \`approve\` or \`refuse\` with \`{"requestId":"${requestId}"}\`.`,
  ].join('\n\n');
}

/** Sentences may carry outsiders' words: nothing of them is taken as Markdown. */
function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]<>()#+!|~]/g, (character) => `\\${character}`).replace(/\s+/g, ' ');
}
