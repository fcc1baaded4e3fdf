import { assertEquals, assertStringIncludes } from "@std/assert";
import { topicLines } from "./topic_report.ts";

const spec = { name: "t", partitions: 4, maxMessageBytes: 9000 };

Deno.test("topicLines() says what was made and what there is", () => {
  assertEquals(topicLines([spec], [{ name: "t", partitions: 4, created: true }]), [
    'Created topic "t" with 4 partitions',
  ]);
  const single = { name: "t", partitions: 1, created: false, maxMessageBytes: 9000 };
  assertEquals(topicLines([{ name: "t", partitions: 1 }], [single]), ['Topic "t" has 1 partition']);
});

Deno.test("topicLines() says where a topic falls short", () => {
  const found = { name: "t", partitions: 2, created: false, maxMessageBytes: 1000 };
  const [state, fewer, smaller] = topicLines([spec], [found]);
  assertEquals(state, 'Topic "t" has 2 partitions');
  assertStringIncludes(fewer ?? "", "fewer partitions than the 4");
  assertStringIncludes(fewer ?? "", "--partitions 4");
  assertStringIncludes(smaller ?? "", "max.message.bytes to 9000");
  const [, more] = topicLines([spec], [{ name: "t", partitions: 6, created: false }]);
  assertStringIncludes(more ?? "", "all are used");
});
