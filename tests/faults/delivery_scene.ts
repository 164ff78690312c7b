/** Where rounds are played: a running world, its broker, and what else a kind of hurting needs. */

import { DeliveryWorld } from "../support/delivery_world.ts";
import { freePort } from "../support/free_port.ts";
import { type KafkaBroker, startKafka } from "../support/kafka.ts";
import { type KafkaProxy, startKafkaProxy } from "../support/kafka_proxy.ts";
import { SMALL_DISK_ABSENCE, SmallDisk } from "../support/small_disk.ts";

/**
 * What stands around the collector: nothing of note; a small disk for its state; a journal that may not grow; a proxy
 * between it and the broker.
 */
export type Place = "plain" | "small disk" | "small journal" | "behind a proxy";

export interface Scene extends AsyncDisposable {
  readonly world: DeliveryWorld;
  readonly broker: KafkaBroker;
  /** There at a place with a small disk. */
  readonly disk: SmallDisk;
  /** There behind a proxy. */
  readonly proxy: KafkaProxy;
}

export interface SceneOptions {
  readonly place: Place;
  readonly topic: string;
  readonly seed: number;
  /** The broker for those places that need none of their own. */
  readonly broker: () => Promise<KafkaBroker>;
}

/** Tweets a second. */
const RATE = 400;
const DISK_BYTES = 24 * 1024 ** 2;
const JOURNAL = ["--journal-max-bytes", "1MiB"];

/** Why a place cannot be had here; undefined where it can. */
export function absenceOfPlace(place: Place): string | undefined {
  return place === "small disk" ? SMALL_DISK_ABSENCE : undefined;
}

/** Sets the scene; everything of it is gone when it is disposed of, but for a broker that was given. */
export async function openScene({ place, topic, seed, broker: given }: SceneOptions): Promise<Scene> {
  await using opening = new AsyncDisposableStack();
  const disk = place === "small disk" ? opening.use(new SmallDisk(DISK_BYTES)) : undefined;
  const [from, to] = [freePort(), freePort()];
  const proxy = place === "behind a proxy" ? opening.use(startKafkaProxy(from, to)) : undefined;
  const broker = proxy ? await startProxiedKafka(from, to) : await given();
  if (proxy) opening.defer(() => broker.stop());
  const world = opening.use(
    await DeliveryWorld.start({
      bootstrap: proxy ? `127.0.0.1:${from}` : broker.bootstrap,
      readFrom: broker.bootstrap,
      topic,
      rate: RATE,
      seed,
      state: disk?.folder,
      args: place === "small journal" ? JOURNAL : [],
    }),
  );
  const opened = opening.move();
  return {
    world,
    broker,
    get disk() {
      return there(disk, place);
    },
    get proxy() {
      return there(proxy, place);
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** A broker that listens a second time, on `to`, and tells those who come that way to come to `from`. */
function startProxiedKafka(from: number, to: number): Promise<KafkaBroker> {
  const controller = freePort();
  const listed = (names: Readonly<Record<string, number>>) =>
    Object.entries(names).map(([name, port]) => `${name}://127.0.0.1:${port}`).join(",");
  return startKafka({
    properties: (port) => ({
      "listeners": listed({ PLAINTEXT: port, PROXIED: to, CONTROLLER: controller }),
      "advertised.listeners": listed({ PLAINTEXT: port, PROXIED: from }),
      "controller.quorum.voters": `1@127.0.0.1:${controller}`,
      "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT",
    }),
  });
}

function there<Thing>(thing: Thing | undefined, place: Place): Thing {
  if (thing === undefined) throw new RangeError(`There is no such thing in a place that is ${place}`);
  return thing;
}
