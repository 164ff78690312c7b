import { checkRuleStore, type WrittenRule } from "../../conformance/rule_store.ts";
import { MemoryRuleStore } from "../../support/memory_rule_store.ts";
import { TransientError } from "../../../src/base/errors.ts";
import { readRule } from "../../../src/model/rule.ts";

const SLOT = { type: "track", id: 0 } as const;

Deno.test("the memory store does what every rule store does", async (t) => {
  await checkRuleStore(t, () => {
    const store = new MemoryRuleStore();
    return Promise.resolve({
      store,
      write(rules: readonly WrittenRule[]) {
        const usable = rules.filter((rule) => rule !== undefined).map((rule) => readRule(rule, SLOT));
        const faults = rules.filter((rule) => rule === undefined).map(() => ({ where: "memory", reason: "no rule" }));
        store.put(usable, faults);
        return Promise.resolve();
      },
      breakDown() {
        store.failure = new TransientError("the memory is away");
        return Promise.resolve();
      },
      mend() {
        store.failure = undefined;
        return Promise.resolve();
      },
      remove: () => Promise.resolve(),
    });
  });
});
