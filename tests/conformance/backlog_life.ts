/**
 * A random life of a backlog, step by step beside a simple model of it: a sink that keeps up, a slow one and one that
 * leaves, batches of any size, refusals, receipts, repeats, no room and room again, those who wait, restarts where what
 * waits is kept, and the end.
 */

import { assert, assertEquals } from "@std/assert";
import type { Backlog, BatchLimits, Position } from "../../src/model/backlog.ts";
import { settle } from "../support/fake_clock.ts";
import { COFFEE_RULE, DENO_RULE } from "../support/journal_file.ts";
import { recordOf } from "../support/records.ts";
import { BacklogModel } from "./backlog_model.ts";
import type { BacklogStand, MakeBacklog } from "./backlog_stand.ts";

const SINKS = ["fast", "slow", "leaving"];
/** A group that is open is written within this time, and room that is there is noticed. */
const GROUP_MS = 20;
const LONG_ENOUGH_MS = 5_000;

interface Waiter {
  readonly sink: string;
  readonly after: Position;
  isOver: boolean;
}

export class BacklogLife {
  readonly #stand: BacklogStand;
  readonly #chance: () => number;
  readonly #model = new BacklogModel(SINKS);
  #waiters: Waiter[] = [];
  #lastId = 0;

  constructor(make: MakeBacklog, chance: () => number) {
    this.#stand = make(SINKS);
    this.#chance = chance;
  }

  /** Lives so many steps, and comes to a good end. */
  async live(steps: number): Promise<void> {
    try {
      for (let step = 0; step < steps; step++) {
        const backlog = this.#backlog;
        const room = backlog.full ? over(backlog.room()) : undefined;
        await this.#step();
        this.#waitForMore();
        await settle();
        this.#checkWaiters();
        if (room && !backlog.closed) assertEquals(room.isOver, !backlog.full, "whether there is room");
      }
      await this.#end();
    } finally {
      this.#stand.remove();
    }
  }

  get #backlog(): Backlog {
    return this.#stand.backlog;
  }

  #upTo(most: number): number {
    return Math.floor(this.#chance() * (most + 1));
  }

  async #step(): Promise<void> {
    const fate = this.#chance();
    if (fate < 0.4) this.#accept();
    else if (fate < 0.6) this.#deliver("fast");
    else if (fate < 0.65) this.#deliver("slow");
    else if (fate < 0.75) this.#deliver("leaving");
    else if (fate < 0.85) await this.#pass();
    else if (fate < 0.95) this.#settle();
    else if (fate < 0.98) this.#backlog.count([DENO_RULE], { outcome: "dropped", reason: "chance" });
    else if (fate < 0.985) this.#leave();
    else await this.#restart();
  }

  #accept(): void {
    for (let more = this.#upTo(40); more > 0; more--) {
      const known = this.#chance() < 0.05 ? this.#model.recentId(this.#chance) : undefined;
      const id = known ?? String(++this.#lastId);
      assertEquals(this.#backlog.hasSeen(id), known !== undefined, `whether ${id} was accepted before`);
      const record = recordOf(id, "x".repeat(this.#upTo(2_500)));
      const isFull = this.#backlog.full;
      const rules = [DENO_RULE, COFFEE_RULE].filter(() => this.#chance() < 0.6);
      assertEquals(this.#backlog.accept(record, rules), !isFull);
      if (isFull) {
        if (known === undefined) assertEquals(this.#backlog.hasSeen(String(this.#lastId--)), false);
        return;
      }
      this.#model.accept(record, this.#stand.clock.now());
    }
  }

  #deliver(sink: string): void {
    const position = this.#model.positionOf(sink);
    if (position === Infinity) return;
    assertEquals(this.#backlog.positionOf(sink), position);
    const limits: BatchLimits = {
      records: 1 + this.#upTo(150),
      bytes: 1 + this.#upTo(this.#chance() < 0.3 ? 5_000 : 100_000),
    };
    const entries = this.#backlog.read(sink, position, limits);
    this.#model.checkBatch(entries, position, limits);
    const last = entries.at(-1);
    if (!last || this.#chance() < 0.1) return;
    // What comes behind may be read before this is acknowledged.
    this.#model.checkBatch(this.#backlog.read(sink, last.position, limits), last.position, limits);
    const refused = new Map(entries.filter(() => this.#chance() < 0.01).map((entry) => [entry.position, "by chance"]));
    const receipt = this.#chance() < 0.5 ? { offset: last.position } : undefined;
    this.#backlog.acknowledge(sink, { entries, refused, receipt });
    this.#model.acknowledge(sink, last.position);
  }

  async #pass(): Promise<void> {
    const ms = this.#upTo(2 * GROUP_MS);
    await this.#stand.clock.advance(ms);
    if (ms >= GROUP_MS) this.#model.settled(this.#backlog);
  }

  #settle(): void {
    this.#backlog.settle();
    this.#model.settled(this.#backlog);
  }

  #leave(): void {
    if (this.#model.positionOf("leaving") === Infinity) return;
    assertEquals(this.#backlog.leave("leaving"), this.#model.leave("leaving"));
  }

  /** Where what waits is kept, it is all there again, and so are the ids. */
  async #restart(): Promise<void> {
    if (!this.#backlog.isKept) return;
    this.#backlog.close();
    await settle();
    assert(this.#waiters.every(({ isOver }) => isOver), "closing lets go all who wait");
    this.#stand.restart(this.#model.sinks);
    this.#model.settled(this.#backlog);
    this.#waiters = [];
  }

  /** Somebody waits for what follows that which a sink has, or for what follows all that there is. */
  #waitForMore(): void {
    const sink = SINKS[this.#upTo(2)]!;
    if (this.#waiters.some((waiter) => waiter.sink === sink)) return;
    const position = this.#backlog.positionOf(sink);
    const after = position === Infinity ? position : Math.max(position, this.#chance() < 0.5 ? this.#model.last : 0);
    this.#waiters.push(Object.assign(over(this.#backlog.more(sink, after)), { sink, after }));
  }

  #checkWaiters(): void {
    for (const { sink, after, isOver } of this.#waiters) {
      const expected = this.#model.hasMore(sink, after);
      if (expected !== undefined) assertEquals(isOver, expected, `whether ${sink} has more after ${after}`);
    }
    this.#waiters = this.#waiters.filter(({ isOver }) => !isOver);
  }

  /** Those that are left take all; then nothing waits, there is room, and with the close all who wait are let go. */
  async #end(): Promise<void> {
    const backlog = this.#backlog;
    for (const sink of this.#model.sinks) {
      this.#settle();
      const entries = backlog.read(sink, backlog.positionOf(sink), { records: 1e6, bytes: 1e9 });
      this.#model.checkBatch(entries, this.#model.positionOf(sink), { records: 1e6, bytes: 1e9 });
      backlog.acknowledge(sink, { entries, refused: new Map() });
      this.#model.acknowledge(sink, this.#model.last);
    }
    this.#settle();
    await this.#stand.clock.advance(LONG_ENOUGH_MS);
    assertEquals([backlog.waiting, backlog.full], [{ records: 0, bytes: 0 }, false]);
    this.#checkWaiters();
    const left = [...this.#waiters, ...SINKS.map((sink) => over(backlog.more(sink, Infinity)))];
    await settle();
    assert(left.every(({ isOver }) => !isOver));
    backlog.close();
    await settle();
    assert(left.every(({ isOver }) => isOver), "closing lets go all who wait");
    this.#stand.check();
  }
}

/** A promise of which one can see whether it has come to an end. */
function over(promise: Promise<void>): { isOver: boolean } {
  const watched = { isOver: false };
  promise.then(() => watched.isOver = true);
  return watched;
}
