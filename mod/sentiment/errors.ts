/**
 * Problems with models and their data that the user can mend.
 *
 * @module
 */

/** A model, a file of rows or a preset that can't be used; the message says why and what to do. */
export class ModelError extends Error {
  override readonly name = "ModelError";
}
