import { assertEquals } from "@std/assert";
import { findUser } from "./_postgres_tools.ts";

Deno.test("findUser() looks up whole names only", () => {
  const passwd = "root:x:0:0:root:/root:/bin/sh\nmypostgres:x:7:8::/:/bin/sh\n" +
    "postgres:x:101:104:PostgreSQL:/var/lib/postgresql:/bin/bash\n";
  assertEquals(findUser(passwd, "postgres"), { uid: 101, gid: 104 });
  assertEquals(findUser(passwd, "nobody"), undefined);
});
