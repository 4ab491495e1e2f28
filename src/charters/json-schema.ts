import { z } from 'zod';
import { CharterSchema, HouseRulesSchema } from '../policy/statement.ts';

/** JSON Schemas of both files, for editors that complete and check while people type. */
export function jsonSchemas(): { readonly charter: unknown; readonly houseRules: unknown } {
  return {
    charter: z.toJSONSchema(CharterSchema, { io: 'input' }),
    houseRules: z.toJSONSchema(HouseRulesSchema, { io: 'input' }),
  };
}
