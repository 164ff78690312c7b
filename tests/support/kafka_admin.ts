/**
 * What an administrator does to a Kafka, over kafkajs's administration.
 *
 * @module
 */
import { askOverTcp } from "./tcp.ts";
import { type Admin, Kafka, logLevel } from "kafkajs";
import RequestQueue from "kafkajs/src/network/requestQueue/index.js";
import { mendRequestQueue } from "../../src/deliver/kafka_request_queue.ts";

export {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ConfigResourceTypes,
  ResourcePatternTypes,
} from "kafkajs";

/** Does something as the administrator of a cluster, and lets go of it. */
export async function administer<T>(bootstrap: string, act: (admin: Admin) => Promise<T>): Promise<T> {
  mendRequestQueue(RequestQueue);
  const kafka = new Kafka({ brokers: bootstrap.split(","), clientId: "administrator", logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await act(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Makes a topic, waits for its leaders. */
export async function makeTopic(
  bootstrap: string,
  topic: string,
  options: { partitions?: number; replicas?: number; settings?: Readonly<Record<string, string>> } = {},
): Promise<void> {
  const { partitions = 1, replicas = 1, settings = {} } = options;
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
  await administer(bootstrap, (admin) =>
    admin.createTopics({
      waitForLeaders: true,
      topics: [{ topic, numPartitions: partitions, replicationFactor: replicas, configEntries }],
    }));
}

/** Lets a client send only so many bytes a second. kafkajs has no words for this, so the request is written by hand. */
export async function limitClient(port: number, clientId: string, bytesPerSecond: number): Promise<void> {
  const text = (value: string) => [...int(2, value.length), ...new TextEncoder().encode(value)];
  const rate = new Uint8Array(8);
  new DataView(rate.buffer).setFloat64(0, bytesPerSecond);
  const body = [
    // AlterClientQuotas, version 0, request 1, no client's name.
    ...[...int(2, 49), ...int(2, 0), ...int(4, 1), ...int(2, 0xffff)],
    // One entry, for one entity: the client; one quota, to set, and in earnest.
    ...[...int(4, 1), ...int(4, 1), ...text("client-id"), ...text(clientId)],
    ...[...int(4, 1), ...text("producer_byte_rate"), ...rate, 0, 0],
  ];
  const answer = await askOverTcp(port, new Uint8Array([...int(4, body.length), ...body]));
  // Its length, the request's number, the time we are held back, the number of entries, then the first one's error.
  const error = answer.length > 18 ? new DataView(answer.buffer, answer.byteOffset).getInt16(16) : undefined;
  if (error !== 0) throw new Error(`The broker did not take the quota: ${error ?? "no answer"}`);
}

function int(bytes: 2 | 4, value: number): number[] {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value);
  return [...new Uint8Array(view.buffer)].slice(4 - bytes);
}
