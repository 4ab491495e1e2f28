export { friendOf, openGuardBench as openBench } from './guard-bench.ts';
export type { Answer, Bench } from './guard-bench.ts';
