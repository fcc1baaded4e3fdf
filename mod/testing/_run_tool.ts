/** What {@linkcode runTool} needs beside the command. */
export interface ToolOptions {
  /** What it is run for, for the error's text: "lay out Kafka's data folder". */
  readonly purpose: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a program to its end and returns what it wrote to standard output.
 *
 * @throws {Error} with all its output if it is missing or fails.
 */
export async function runTool(
  [program, ...args]: readonly [string, ...string[]],
  { purpose, cwd, env }: ToolOptions,
): Promise<string> {
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(program, {
      args,
      stdin: "null",
      ...(cwd === undefined ? {} : { cwd }),
      ...(env === undefined ? {} : { env: { ...env } }),
    }).output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(`Cannot ${purpose}: "${program}" is not there, install it`, { cause: error });
  }
  const text = new TextDecoder();
  const stdout = text.decode(output.stdout);
  if (output.success) return stdout;
  throw new Error(
    `Cannot ${purpose}: "${program}" ended with code ${output.code}:\n` +
      `${stdout}${text.decode(output.stderr)}`,
  );
}
