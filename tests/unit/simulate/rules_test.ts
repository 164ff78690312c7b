import { assertEquals, assertMatch } from "@std/assert";
import { RULES, withSimulator } from "./session.ts";

Deno.test("a rule that is added gets 201, an id, and is there afterwards", () =>
  withSimulator({}, async ({ ask }) => {
    const added = await ask(RULES, { json: { add: [{ value: "deno", tag: "runtimes" }, { value: "node" }] } });
    assertEquals(added.status, 201);
    assertEquals(added.body.meta.summary, { created: 2, not_created: 0, valid: 2, invalid: 0 });
    assertMatch(added.body.data[0].id, /^\d{19}$/);
    assertMatch(added.body.meta.sent, /^2026-11-23T10:00:00\.000Z$/);
    const held = await ask(RULES);
    assertEquals(held.status, 200);
    assertEquals(held.body.data, added.body.data);
    assertEquals(held.body.data[1], { id: added.body.data[1].id, value: "node" });
    assertEquals(held.body.meta.result_count, 2);
  }));

Deno.test("without rules there is no data, and the count is 0", () =>
  withSimulator({}, async ({ ask }) => {
    assertEquals((await ask(RULES)).body, { meta: { sent: "2026-11-23T10:00:00.000Z", result_count: 0 } });
  }));

Deno.test("an invalid rule gets 200 with details, and keeps the others of its call out", () =>
  withSimulator({}, async ({ ask }) => {
    const { status, body } = await ask(RULES, { json: { add: [{ value: "deno" }, { value: "--b" }] } });
    assertEquals(status, 200);
    assertEquals(body.data, undefined);
    assertEquals(body.meta.summary, { created: 0, not_created: 2, valid: 1, invalid: 1 });
    assertEquals(body.errors, [{
      value: "--b",
      details: [
        "Rules must contain a non-negation term (at position 1)",
        "Rules must contain at least one positive, non-stopword clause (at position 1)",
      ],
      title: "UnprocessableEntity",
      type: "https://api.twitter.com/2/problems/invalid-rules",
    }]);
    assertEquals((await ask(RULES)).body.meta.result_count, 0);
  }));

Deno.test("a duplicate is answered with the id of the rule that is held, and does not keep others out", () =>
  withSimulator({}, async ({ ask, addRules }) => {
    const [id] = await addRules("deno");
    const { status, body } = await ask(RULES, { json: { add: [{ value: "deno", tag: "other" }, { value: "node" }] } });
    assertEquals(status, 201);
    assertEquals(body.meta.summary, { created: 1, not_created: 1, valid: 1, invalid: 1 });
    assertEquals(body.errors, [{
      value: "deno",
      id,
      title: "DuplicateRule",
      type: "https://api.twitter.com/2/problems/duplicate-rules",
    }]);
    const alone = await ask(RULES, { json: { add: [{ value: "node" }] } });
    assertEquals([alone.status, alone.body.data], [201, undefined]);
  }));

Deno.test("more rules than the cap are refused whole", () =>
  withSimulator({ caps: { rulesPerProject: 2 } }, async ({ ask, addRules }) => {
    await addRules("one1");
    const { status, body } = await ask(RULES, { json: { add: [{ value: "two2" }, { value: "three3" }] } });
    assertEquals([status, body.title], [422, "RulesCapExceeded"]);
    assertEquals((await ask(RULES)).body.meta.result_count, 1);
  }));

Deno.test("a trial run answers as the real one and changes nothing", () =>
  withSimulator({}, async ({ ask, addRules }) => {
    const added = await ask(`${RULES}?dry_run=true`, { json: { add: [{ value: "deno" }] } });
    assertEquals([added.status, added.body.meta.summary.created], [201, 1]);
    assertEquals((await ask(RULES)).body.meta.result_count, 0);
    const ids = await addRules("deno");
    const deleted = await ask(`${RULES}?dry_run=true`, { json: { delete: { ids } } });
    assertEquals([deleted.status, deleted.body.meta.summary], [200, { deleted: 1, not_deleted: 0 }]);
    assertEquals((await ask(RULES)).body.meta.result_count, 1);
  }));

Deno.test("rules are deleted by ids, by values, and all at once", () =>
  withSimulator({}, async ({ ask, addRules }) => {
    const [first] = await addRules("one1", "two2", "three3", "four4");
    const byId = await ask(RULES, { json: { delete: { ids: [first, "12345"] } } });
    assertEquals([byId.status, byId.body.meta.summary], [200, { deleted: 1, not_deleted: 1 }]);
    const byValue = await ask(RULES, { json: { delete: { values: ["two2"] } } });
    assertEquals(byValue.body.meta.summary, { deleted: 1, not_deleted: 0 });
    const all = await ask(`${RULES}?delete_all=true`, { method: "POST" });
    assertEquals([all.status, all.body.meta.summary], [200, { deleted: 2, not_deleted: 0 }]);
  }));

Deno.test("bodies that are no change of the rules get 400", () =>
  withSimulator({}, async ({ ask }) => {
    const bodies = [
      {},
      { add: [{ value: "deno" }], delete: { ids: ["1"] } },
      { add: [] },
      { add: [{ tag: "no value" }] },
      { delete: {} },
      { delete: { ids: [] } },
      { delete: { ids: ["1"], values: ["deno"] } },
    ];
    for (const json of bodies) {
      const { status, body } = await ask(RULES, { json });
      assertEquals([status, body.title], [400, "Invalid Request"], JSON.stringify(json));
    }
    assertEquals((await ask(RULES, { text: "{no json" })).status, 400);
    const { body } = await ask(RULES, { json: { delete: {} } });
    assertEquals(body.errors, [{ parameters: { delete: [] }, message: "JSON doesn't match expected schema" }]);
  }));

Deno.test("rules are read in pages, and by ids", () =>
  withSimulator({}, async ({ ask, addRules }) => {
    const ids = await addRules("one1", "two2", "three3");
    const first = await ask(`${RULES}?max_results=2`);
    assertEquals(first.body.data.map(({ id }: { id: string }) => id), ids.slice(0, 2));
    assertMatch(first.body.meta.next_token, /^[0-9A-F]{16}$/);
    const second = await ask(`${RULES}?max_results=2&pagination_token=${first.body.meta.next_token}`);
    assertEquals(second.body.data.map(({ id }: { id: string }) => id), ids.slice(2));
    assertEquals(second.body.meta.next_token, undefined);
    assertEquals((await ask(`${RULES}?ids=${ids[1]},1`)).body.data.map(({ id }: { id: string }) => id), [ids[1]]);
    assertEquals((await ask(`${RULES}?max_results=0`)).status, 400);
    assertEquals((await ask(`${RULES}?pagination_token=nonsense`)).status, 400);
  }));

Deno.test("counts and caps are strings", () =>
  withSimulator({ caps: { rulesPerProject: 15 } }, async ({ ask, addRules }) => {
    await addRules("deno");
    const { status, body } = await ask(`${RULES}/counts`);
    assertEquals(status, 200);
    assertEquals(body.data.cap_per_project, "15");
    assertEquals(body.data.cap_per_client_app, "15");
    assertEquals(body.data.project_rules_count, "1");
  }));
