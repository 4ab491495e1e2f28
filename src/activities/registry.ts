import { RemitError } from '../policy/error.ts';
import type { Vocabulary } from '../policy/vocabulary.ts';
import type { Action } from './action.ts';
import { shapeOf } from './action.ts';
import type { FactDefinition } from './fact.ts';
import { factShapeOf } from './fact.ts';

/** An Activity that is not an action, and why it needs no permission. */
export interface Exempt {
  readonly name: string;
  readonly reason: string;
  /** Whether it runs for nobody but an admitted job. */
  readonly needsJob: boolean;
}

/** Two registered things answer to one name, or an Activity answers to none. */
export class RegistryError extends RemitError {
  override readonly name = 'RegistryError';
  readonly code = 'REGISTRY_INVALID';
}

/** Every Activity a Worker may run: an action behind the guard, or exempt with a reason. Anything else keeps it from starting. */
export class Registry {
  readonly actions: ReadonlyMap<string, Action>;
  readonly facts: ReadonlyMap<string, FactDefinition>;
  readonly exempt: ReadonlyMap<string, Exempt>;

  constructor({
    actions,
    facts,
    exempt,
  }: {
    actions: readonly Action[];
    facts: readonly FactDefinition[];
    exempt: readonly Exempt[];
  }) {
    this.actions = byName('action', actions);
    this.facts = byName('fact', facts);
    this.exempt = byName('exempt Activity', exempt);
    const both = exempt.find(({ name }) => this.actions.has(name));
    if (both !== undefined) throw new RegistryError(`\`${both.name}\` is both an action and exempt`);
  }

  vocabulary(): Vocabulary {
    return { actions: [...this.actions.values()].map(shapeOf), facts: [...this.facts.values()].map(factShapeOf) };
  }

  /** @throws {@link RegistryError} naming each Activity that is neither an action nor exempt */
  requireCovers(activityNames: readonly string[]): void {
    const loose = activityNames.filter((name) => !this.actions.has(name) && !this.exempt.has(name));
    if (loose.length > 0)
      throw new RegistryError(
        `not an action and not exempt with a reason: ${loose.map((name) => `\`${name}\``).join(', ')}; declare each with defineAction or list it under exempt`,
      );
  }
}

function byName<T extends { readonly name: string }>(what: string, all: readonly T[]): ReadonlyMap<string, T> {
  const map = new Map(all.map((each) => [each.name, each]));
  const twice = all.find((each) => map.get(each.name) !== each);
  if (twice !== undefined) throw new RegistryError(`two of one name: ${what} \`${twice.name}\``);
  return map;
}
