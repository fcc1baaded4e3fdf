/**
 * What the pipeline needs of a Status entity, checked at the boundary.
 * Source of the fields: https://docs.joinmastodon.org/entities/Status/ and …/Account/.
 *
 * @module
 */
import { z } from "zod";
import { isId, isInstant, uriText } from "./wire.ts";

/** Accepts what `Date` can read within PostgreSQL's and ISO 8601's common range. */
const instant = z.string().max(64).transform((value, ctx) => {
  if (isInstant(value)) return new Date(value).toISOString();
  ctx.addIssue("not a date between 1970 and 9999");
  return z.NEVER;
});

/** Other servers' software sends what it likes; a count that makes no sense is no count. */
const count = z.number().catch(0)
  .transform((n) => Math.min(Math.max(Math.trunc(n) || 0, 0), 2_147_483_647));

const idText = z.string().refine(isId, "not an id of at most 63 bits");

/** A Status entity; unknown fields pass through for KEEP_RAW. */
export const statusSchema = z.looseObject({
  id: idText,
  uri: uriText,
  created_at: instant,
  edited_at: instant.nullish().transform((v) => v ?? null),
  content: z.string(),
  language: z.string().nullish().catch(null),
  visibility: z.string().max(32),
  in_reply_to_id: z.string().max(64).nullish().catch(null),
  // Only whether it is there matters: a boost is skipped.
  reblog: z.unknown().optional(),
  tags: z.array(z.looseObject({ name: z.string() })).catch([]),
  media_attachments: z.array(z.unknown()).catch([]),
  replies_count: count.optional().default(0),
  reblogs_count: count.optional().default(0),
  favourites_count: count.optional().default(0),
  account: z.looseObject({
    acct: z.string().min(1).max(512),
    bot: z.boolean().catch(false),
    note: z.string().catch(""),
    noindex: z.boolean().nullish().catch(null),
    indexable: z.boolean().nullish().catch(null),
  }),
});

/** See {@linkcode statusSchema}. */
export type CheckedStatus = z.output<typeof statusSchema>;
