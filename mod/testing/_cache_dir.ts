/**
 * The folder in which fetched things are kept from run to run: `$XDG_CACHE_HOME/mastodon-pulse`,
 * else `~/.cache/mastodon-pulse`, else a folder beside the temporary ones if there is no home or it
 * cannot be written.
 */
export async function cacheDir(env: (name: string) => string | undefined): Promise<string> {
  const bases: string[] = [];
  const xdg = env("XDG_CACHE_HOME");
  // The specification has relative paths ignored.
  if (xdg?.startsWith("/")) bases.push(xdg);
  const home = env("HOME");
  if (home?.startsWith("/")) bases.push(`${home}/.cache`);
  bases.push(`${env("TMPDIR") || "/tmp"}/cache`);
  let reason: unknown;
  for (const base of bases) {
    const dir = `${base}/mastodon-pulse`;
    try {
      await Deno.mkdir(dir, { recursive: true });
      const probe = await Deno.makeTempFile({ dir });
      await Deno.remove(probe);
      return dir;
    } catch (error) {
      reason = error;
    }
  }
  throw new Error(`Cannot write to any of "${bases.join('", "')}": set XDG_CACHE_HOME`, {
    cause: reason,
  });
}
