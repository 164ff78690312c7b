/**
 * Kafka's jars. Run as a program it fetches both versions and says what it did.
 *
 * @module
 */
import { type Absence, fetchJars, folderOf, jarsAbsence, type JarSet } from "./maven_jars.ts";

/** The versions that the tests run on: the newest 4.x, and the newest 3.9.x for those who have not moved. */
export const KAFKA_VERSIONS = { current: "4.4.0", previous: "3.9.2" } as const;

/** Which of the two. */
export type KafkaLine = keyof typeof KAFKA_VERSIONS;

/** The folder of a version's jars, whether or not they are there. */
export function jarsFolder(line: KafkaLine): string {
  return folderOf(jarsOf(line));
}

/** Why a real broker of this version cannot be started, or undefined if it can. */
export function kafkaAbsence(line: KafkaLine): Absence | undefined {
  return jarsAbsence(jarsOf(line));
}

/** Fetches the jars that are missing, where Java and Maven are there; what kept it from doing so. */
export function fetchKafkaJars(): Promise<Absence | undefined> {
  return fetchJars([jarsOf("current"), jarsOf("previous")]);
}

/** Kafka, and the part of its logging that prints, without which a broker fails in silence. */
function jarsOf(line: KafkaLine): JarSet {
  const version = KAFKA_VERSIONS[line];
  return {
    title: "Kafka",
    version,
    folder: "kafka",
    dependencies: [["org.apache.kafka", "kafka_2.13", version], ["org.slf4j", "slf4j-simple", "1.7.36"]],
  };
}

if (import.meta.main) {
  const absence = await fetchKafkaJars();
  for (const line of ["current", "previous"] as const) {
    console.log(`Kafka ${KAFKA_VERSIONS[line]}: ${absence?.reason ?? kafkaAbsence(line)?.reason ?? "ready"}`);
  }
}
