/**
 * Outside data as PostgreSQL can keep it: NUL and half characters become U+FFFD, in names too. For what must be kept
 * whatever it holds; data that must stay exact is rejected instead, see `isStorable`.
 */
export function storable<T>(value: T): T {
  return kept(value) as T;
}

function kept(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\0', '\uFFFD');
  if (Array.isArray(value)) return value.map(kept);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [kept(name), kept(each)]));
}
