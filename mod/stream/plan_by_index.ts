/**
 * Thousands of keys are looked up at once in tables of millions of rows. From the arrays' guessed
 * sizes the planner prefers to read whole tables, which takes longer as they grow.
 */
export const PLAN_BY_INDEX = `SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off;
  SET LOCAL enable_mergejoin = off; SET LOCAL max_parallel_workers_per_gather = 0;
  SET LOCAL jit = off`;
