import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { taskCommand } from "./task_command.ts";

const DOCKER = new URL("../../docker/", import.meta.url);

/** The text of each service in the compose file, by name: what stands two spaces deep. */
function servicesOf(compose: string): Map<string, string> {
  const [, body = ""] = /^services:\n((?:[ #].*\n|\n)+)/m.exec(compose) ?? [];
  const parts = body.split(/^ {2}([a-z-]+):\n/m).slice(1);
  const services = new Map<string, string>();
  for (let i = 0; i + 1 < parts.length; i += 2) services.set(parts[i] ?? "", parts[i + 1] ?? "");
  return services;
}

const compose = await Deno.readTextFile(new URL("compose.yaml", DOCKER));
const services = servicesOf(compose);

Deno.test("the compose file has the servers and the jobs", () => {
  assertEquals([...services.keys()], [
    "kafka",
    "postgres",
    "topics",
    "ingest",
    "stream",
    "task",
    "simulate",
    "simulated-ingest",
    "kafka-ui",
  ]);
});

Deno.test("every service gives up its privileges", () => {
  for (const [name, text] of services) assertMatch(text, /<<: \*(hardened|job)\n/, name);
  assertMatch(compose, /x-job: &job\n {2}<<: \*hardened\n/);
  const [hardened = ""] = /x-hardened: &hardened(?:\n {2}.*)+/.exec(compose) ?? [];
  for (const line of ["cap_drop: [ALL]", "no-new-privileges:true", "read_only: true"]) {
    assertStringIncludes(hardened, line);
  }
  assert(!compose.includes("privileged: true"));
});

Deno.test("every published port is on loopback unless told otherwise", () => {
  const ports = [...compose.matchAll(/^ +ports: \["(.*)"\]$/gm)].map(([, port]) => port);
  assertEquals(ports.length, compose.match(/\bports:/g)?.length);
  for (const port of ports) {
    assertMatch(port ?? "", /^\$\{BIND_ADDRESS:-127\.0\.0\.1\}:\$\{[A-Z_]+_PORT:-\d+\}:\d+$/);
  }
});

Deno.test("every image is pinned to a version", () => {
  const images = [...compose.matchAll(/^ +image: (.+)$/gm)].map(([, image]) => image);
  assertEquals(images.length, 4);
  for (const image of images) {
    assertMatch(image ?? "", /^\$\{[A-Z_]+:-[\w./-]+:v?\d+\.\d+[\w.-]*\}$/);
  }
});

Deno.test("the jobs' commands are tasks that the image can run without root", async () => {
  const dockerfile = await Deno.readTextFile(new URL("Dockerfile", DOCKER));
  assertMatch(dockerfile, /^ARG DENO_IMAGE=denoland\/deno:\d+\.\d+\.\d+$/m);
  assertMatch(dockerfile, /^USER deno$/m);
  for (const [name, text] of services) {
    if (!text.includes("<<: *job")) continue;
    if (name === "task") {
      assertStringIncludes(text, "entrypoint: [deno, task]");
      continue;
    }
    const [, task] = /command: \[deno, task, ([a-z:]+)[,\]]/.exec(text) ?? [];
    assertEquals(task, name.replace("simulated-", ""));
    // Throws if deno.json has no such task.
    await taskCommand(task ?? "");
  }
});

Deno.test("a real server's token goes to ingest alone", () => {
  // Without a value it is taken from the environment.
  assertEquals(compose.match(/MASTODON_ACCESS_TOKEN:\n/g)?.length, 1);
  assertMatch(services.get("ingest") ?? "", /MASTODON_ACCESS_TOKEN:\n/);
});
