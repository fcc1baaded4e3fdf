import { assert } from "@std/assert";

const COMPOSE = decodeURIComponent(new URL("../../docker/compose.yaml", import.meta.url).pathname);

async function hasCompose(): Promise<boolean> {
  try {
    const { success } = await new Deno.Command("docker", {
      args: ["compose", "version"],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

Deno.test({
  name: "docker compose accepts the compose file with all its profiles",
  // Only the client is needed, no engine; not every machine has its compose plug-in.
  ignore: !(await hasCompose()),
  async fn() {
    const { success, stderr } = await new Deno.Command("docker", {
      args: ["compose", "-f", COMPOSE, "--profile", "*", "config", "--quiet"],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).output();
    assert(success, new TextDecoder().decode(stderr));
  },
});
