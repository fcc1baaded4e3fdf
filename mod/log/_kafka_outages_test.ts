import { assertEquals } from "@std/assert";
import { Outages } from "./_kafka_outages.ts";

function listen() {
  const said: string[] = [];
  const clock = { ms: 0 };
  const outages = new Outages(
    (level, message) => said.push(`${level}: ${message}`),
    () => clock.ms,
  );
  return { said, clock, outages };
}

Deno.test("an outage is said once at its beginning and once at its end, by broker", () => {
  const { said, clock, outages } = listen();
  outages.answered("a:1");
  for (let i = 0; i < 1000; i++) outages.failed("a:1", "refused");
  outages.answered("b:1");
  assertEquals([said, outages.any], [[
    'warning: Kafka at "a:1" does not answer (refused): trying until it does',
  ], true]);
  outages.failed("b:1", "timeout");
  clock.ms = 7250;
  outages.answered("a:1");
  outages.answered("a:1");
  assertEquals(said.slice(1), [
    'warning: Kafka at "b:1" does not answer (timeout): trying until it does',
    'info: Kafka at "a:1" answers again after 7.3 s',
  ]);
  outages.failed("a:1", "again");
  assertEquals(said.length, 4);
});

Deno.test("a complaint is repeated once a minute at most", () => {
  const { said, clock, outages } = listen();
  for (clock.ms = 0; clock.ms < 150_000; clock.ms += 1000) outages.complain("disk slow");
  outages.complain("other");
  assertEquals(said.length, 4);
});

Deno.test("after mute() nothing is said", () => {
  const { said, outages } = listen();
  outages.failed("a:1", "refused");
  outages.mute();
  outages.failed("b:1", "refused");
  outages.answered("a:1");
  outages.complain("x");
  assertEquals(said.length, 1);
});
