import { assertEquals, assertRejects } from "@std/assert";
import { GroupCommit } from "./group_commit.ts";

/** A committer whose commits end when they are told to. */
function rig(options: { lanes: number; most?: number; bad?: string }) {
  const started: string[][] = [];
  const ends: (() => void)[] = [];
  const committer = new GroupCommit<string, string>({
    lanes: options.lanes,
    fits: (group) => group.length < (options.most ?? Infinity),
    commit: async (group) => {
      started.push([...group]);
      await new Promise<void>((resolve) => ends.push(resolve));
      if (options.bad !== undefined && group.includes(options.bad)) throw new Error("Bad work");
      return group.map((work) => work.toUpperCase());
    },
  });
  const settle = async () => {
    for (const end of ends.splice(0)) end();
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { committer, started, settle };
}

Deno.test("what comes while a group is under way waits and goes together, in order", async () => {
  const { committer, started, settle } = rig({ lanes: 1 });
  const works = ["a", "b", "c"].map((work) => committer.add(work));
  assertEquals(started, [["a"]]);
  await settle();
  works.push(committer.add("d"));
  assertEquals(started, [["a"], ["b", "c"]]);
  await settle();
  await settle();
  assertEquals(started, [["a"], ["b", "c"], ["d"]]);
  assertEquals(await Promise.all(works), ["A", "B", "C", "D"]);
});

Deno.test("as many groups are under way as there are lanes, none larger than it may be", async () => {
  const { committer, started, settle } = rig({ lanes: 2, most: 2 });
  const works = ["a", "b", "c", "d", "e"].map((work) => committer.add(work));
  assertEquals(started, [["a"], ["b"]]);
  await settle();
  assertEquals(started, [["a"], ["b"], ["c", "d"], ["e"]]);
  await settle();
  assertEquals(await Promise.all(works), ["A", "B", "C", "D", "E"]);
});

Deno.test("a work that fails fails alone", async () => {
  const { committer, started, settle } = rig({ lanes: 1, bad: "b" });
  const works = ["a", "b", "c", "d"].map((work) => committer.add(work));
  const failure = assertRejects(() => works[1] ?? Promise.resolve(), Error, "Bad work");
  for (let i = 0; i < 5; i++) await settle();
  await failure;
  assertEquals(started, [["a"], ["b", "c", "d"], ["b"], ["c"], ["d"]]);
  assertEquals(await Promise.all(works.filter((_, i) => i !== 1)), ["A", "C", "D"]);
});
