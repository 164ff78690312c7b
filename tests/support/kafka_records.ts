/** What is in a Kafka topic, read back with kcat: another implementation than the one that wrote it. */

/** A record as it lies in a topic. */
export interface KafkaRecord {
  readonly id: string;
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly partition: number;
  readonly offset: number;
}

/** Everything that is in the topic now; within a partition in order. */
export async function consumeAll(bootstrap: string, topic: string): Promise<KafkaRecord[]> {
  const format = "%p %o %S %k %h\\n%s\\n";
  const args = ["-b", bootstrap, "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-f", format];
  const { success, stdout, stderr } = await new Deno.Command("kcat", { args, stdin: "null" }).output();
  if (!success) throw new Error(`kcat cannot read ${topic}: ${new TextDecoder().decode(stderr)}`);
  const records: KafkaRecord[] = [];
  for (let at = 0; at < stdout.length;) {
    const end = stdout.indexOf(10, at);
    const [partition, offset, size, id = "", headers = ""] = new TextDecoder().decode(stdout.subarray(at, end)).split(
      " ",
    );
    const value = stdout.slice(end + 1, end + 1 + Number(size));
    records.push({ id, value, headers: headersOf(headers), partition: Number(partition), offset: Number(offset) });
    at = end + 1 + Number(size) + 1;
  }
  return records;
}

function headersOf(text: string): Record<string, string> {
  if (text === "") return {};
  return Object.fromEntries(text.split(",").map((pair) => pair.split("=") as [string, string]));
}
