/** Where Debian and its kin put PostgreSQL: one folder per major version. */
const DEBIAN_DIR = "/usr/lib/postgresql";

/**
 * Finds the folder of PostgreSQL's server programs: the newest of Debian's, else the one on the PATH.
 *
 * @throws {Error} if there is none.
 */
export async function postgresBin(): Promise<string> {
  const versions: number[] = [];
  try {
    for await (const { name } of Deno.readDir(DEBIAN_DIR)) {
      if (/^\d+$/.test(name) && await isFile(`${DEBIAN_DIR}/${name}/bin/postgres`)) {
        versions.push(Number(name));
      }
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  if (versions.length > 0) return `${DEBIAN_DIR}/${Math.max(...versions)}/bin`;
  for (const dir of (Deno.env.get("PATH") ?? "").split(":")) {
    if (dir !== "" && await isFile(`${dir}/postgres`) && await isFile(`${dir}/initdb`)) return dir;
  }
  throw new Error(
    `Cannot find PostgreSQL's server in "${DEBIAN_DIR}" or on the PATH: ` +
      'install it, for example with "apt-get install postgresql"',
  );
}

/** Who runs the server: PostgreSQL refuses to run as root. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
  /** What goes before a command so that this user runs it; keeps the process's number. */
  readonly prefix: readonly [string, ...string[]];
}

/** The user `postgres`, else `nobody`, if this process is root's; else none: run it as we are. */
export async function serverUser(): Promise<ServerUser | undefined> {
  if (Deno.uid() !== 0) return undefined;
  const passwd = await Deno.readTextFile("/etc/passwd");
  const user = findUser(passwd, "postgres") ?? findUser(passwd, "nobody");
  if (user === undefined) {
    throw new Error('Cannot run PostgreSQL as root: make a user "postgres"');
  }
  const { uid, gid } = user;
  return {
    uid,
    gid,
    prefix: ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "--"],
  };
}

/** Looks a name up in the text of `/etc/passwd`; its format: passwd(5). */
export function findUser(passwd: string, name: string): { uid: number; gid: number } | undefined {
  for (const line of passwd.split("\n")) {
    const [user, , uid, gid] = line.split(":");
    if (user === name && uid !== undefined && gid !== undefined) {
      return { uid: Number(uid), gid: Number(gid) };
    }
  }
  return undefined;
}

/**
 * A folder for temporary folders that `user` can reach and whose name is short enough for a Unix
 * socket below it (a socket's path may have 107 bytes on Linux and 103 on macOS: unix(7)).
 */
export async function socketParent(user: ServerUser | undefined): Promise<string> {
  const tmp = (Deno.env.get("TMPDIR") || "/tmp").replace(/\/+$/, "");
  if (tmp.length > 50 || !tmp.startsWith("/")) return "/tmp";
  if (user === undefined) return tmp;
  for (let dir = tmp; dir !== ""; dir = dir.slice(0, dir.lastIndexOf("/"))) {
    const { mode } = await Deno.stat(dir);
    if (mode === null || (mode & 0o001) === 0) return "/tmp";
  }
  return tmp;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}
