/** Machines of a fleet: each has a journal of its own, and tells the others of it through a real Redis. */

import { TransientError } from "../../src/base/errors.ts";
import { type EmittedEvent, Events } from "../../src/base/events.ts";
import { systemRandom } from "../../src/base/random.ts";
import { openRedis, type RedisConnection } from "../../src/base/redis.ts";
import { FleetMirror } from "../../src/collector/fleet_mirror.ts";
import { GapMirror } from "../../src/fleet/gap_mirror.ts";
import { type Gap, gapsIn } from "../../src/journal/gaps.ts";
import { takenGaps } from "../../src/journal/taken_gaps.ts";
import { mirrorKeys } from "../../src/model/mirrored.ts";
import { GapRegister } from "./gap_register.ts";
import { JournalFile } from "./journal_file.ts";

export const NOW = Date.UTC(2026, 10, 24, 10, 30);

export interface MachineOptions {
  readonly port: number;
  readonly app: string;
  readonly instance: string;
  /** How far its clock is ahead of Redis's. */
  readonly aheadMs?: number;
  /** When it starts, on Redis's clock. */
  readonly now?: number;
}

export class FleetMachine implements Disposable {
  readonly host: string;
  readonly instance: string;
  readonly app: string;
  readonly file: JournalFile;
  readonly register: GapRegister;
  readonly redis: RedisConnection;
  readonly told: EmittedEvent[] = [];
  readonly #aheadMs: number;
  readonly #now: number;
  readonly #going = new AbortController();
  isHolder = false;
  /** How many commands Redis does yet before the machine loses its power, and whether it does the one at which that is. */
  crash: { left: number; readonly isDone: boolean } | undefined;
  mirror: FleetMirror;

  constructor({ aheadMs = 0, app, instance, now = NOW, port }: MachineOptions) {
    this.host = `host-${instance.slice(0, 1)}`;
    this.instance = instance;
    this.app = app;
    this.#aheadMs = aheadMs;
    this.#now = now;
    this.file = new JournalFile(["file"], now + aheadMs);
    this.register = new GapRegister(this.file);
    this.redis = openRedis({ host: "127.0.0.1", port });
    this.mirror = this.#started();
  }

  /** The machine comes back after a crash, with what is on its disk. */
  restart(): void {
    this.crash = undefined;
    this.file.open(["file"]);
    this.mirror = this.#started();
  }

  look(): Promise<void> {
    return this.mirror.look(this.#going.signal);
  }

  /** Tells that it is there, or that it was, so long ago. */
  async report(role: "holder" | "standby" | "leaving", agoMs = 0, parts: Record<string, number> = {}): Promise<void> {
    const { app, host, instance: id } = this;
    const report = { id, app, host, role, at: this.#now - agoMs, interval: 5_000, ...parts };
    await this.redis.pipeline([["HSET", "traptor:instances", `${app}:${id}`, JSON.stringify(report)]]);
  }

  /** Looks as one who has just got the connection; answers whether it may repair its gaps then. */
  async lookToRepair(): Promise<boolean> {
    let may = false;
    const { signal } = this.#going;
    this.mirror.mayRepair(signal).then(() => may = true, () => {});
    await this.look();
    return may;
  }

  gaps(): Gap[] {
    return this.file.journal.use((database) => [...gapsIn(database)]);
  }

  taken() {
    return this.file.journal.use(takenGaps);
  }

  /** A hash of the app in Redis. */
  async hash(name: "gaps" | "taken" | "hours"): Promise<Record<string, unknown>> {
    const fields = await this.redis.hashFields(mirrorKeys("", this.app)[name]);
    return Object.fromEntries(Object.entries(fields).map(([field, text]) => [field, JSON.parse(text)]));
  }

  [Symbol.dispose](): void {
    this.#going.abort(new Error("the test is over"));
    this.redis.close();
    this.file[Symbol.dispose]();
  }

  #started(): FleetMirror {
    const { app, file: { clock, journal }, host, instance } = this;
    const events = new Events();
    events.listen((event) => this.told.push(event));
    return new FleetMirror({
      onEnd() {},
      mirror: new GapMirror({ redis: this.#crashing(), prefix: "", app, instance }),
      journal,
      instance,
      host,
      isHolder: () => this.isHolder,
      clockAhead: () => this.#aheadMs,
      mode: "auto",
      askedFor: ["stopped"],
      clock,
      random: systemRandom,
      events,
    });
  }

  /** The connection, which ends with the machine. */
  #crashing(): RedisConnection {
    const instead = (command: (...args: unknown[]) => Promise<unknown>) => async (...args: unknown[]) => {
      const { crash } = this;
      if (!crash || crash.left-- > 0) return await command(...args);
      if (crash.left < -1) throw new TransientError("the machine has no power");
      if (crash.isDone) await command(...args);
      throw new TransientError("the machine loses its power");
    };
    return new Proxy(this.redis, {
      get: (redis, name) => {
        const member = Reflect.get(redis, name);
        return typeof member === "function" ? instead(member.bind(redis)) : member;
      },
    });
  }
}
