/**
 * Kafka's jars in a cache folder of the checkout, `.cache/kafka-VERSION/libs`, fetched once by Maven.
 * `deno task test` fetches what is missing before the tests; a test itself only looks. Run as a program it fetches
 * both versions and says what it did.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { findProgram } from "./programs.ts";

/** The versions that the tests run on: the newest 4.x, and the newest 3.9.x for those who have not moved. */
export const KAFKA_VERSIONS = { current: "4.4.0", previous: "3.9.2" } as const;

/** Which of the two. */
export type KafkaLine = keyof typeof KAFKA_VERSIONS;

/** Why something is absent, and whether that excuses a test even where every service is required. */
export interface Absence {
  readonly reason: string;
  readonly isExcused: boolean;
}

/** Set by the runner when it could not fetch the jars: an absence as JSON. */
export const ABSENCE_VARIABLE = "TRAPTOR_TEST_KAFKA_ABSENCE";

const CACHE = fileURLToPath(new URL("../../.cache/", import.meta.url));
const COPY_JARS = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
const FETCH_WITHIN_MS = 180_000;
const OUT_OF_REACH =
  /Could not transfer|[Uu]nknown host|Connection refused|timed out|Network is unreachable|No route to host|Name or service not known|Temporary failure in name resolution/;

/** The folder of a version's jars, whether or not they are there. */
export function jarsFolder(line: KafkaLine): string {
  return `${CACHE}kafka-${KAFKA_VERSIONS[line]}/libs`;
}

/** Why a real broker of this version cannot be started, or undefined if it can. */
export function kafkaAbsence(line: KafkaLine): Absence | undefined {
  if (findProgram("java") === undefined) return { reason: "Java is not installed", isExcused: false };
  if (hasJars(line)) return undefined;
  const told = Deno.env.get(ABSENCE_VARIABLE);
  if (told !== undefined && told !== "") return JSON.parse(told);
  if (findProgram("mvn") === undefined) return { reason: "Maven is not installed", isExcused: false };
  return { reason: "Kafka's jars are not in .cache; `deno task test` fetches them", isExcused: false };
}

/** Fetches the jars that are missing, where Java and Maven are there; what kept it from doing so. */
export async function fetchKafkaJars(): Promise<Absence | undefined> {
  if (findProgram("java") === undefined || findProgram("mvn") === undefined) return undefined;
  for (const line of ["current", "previous"] as const) {
    if (hasJars(line)) continue;
    console.error(`Fetching Kafka ${KAFKA_VERSIONS[line]} from Maven Central, once, for the tests with a real broker`);
    const absence = await fetchWithMaven(line);
    if (absence !== undefined) return absence;
  }
  return undefined;
}

function hasJars(line: KafkaLine): boolean {
  try {
    return Deno.statSync(jarsFolder(line)).isDirectory;
  } catch {
    return false;
  }
}

/** Fetches into a folder beside and moves it into place, so that a folder that is there is complete. */
async function fetchWithMaven(line: KafkaLine): Promise<Absence | undefined> {
  await Deno.mkdir(CACHE, { recursive: true });
  const folder = await Deno.makeTempDir({ dir: CACHE, prefix: "kafka-fetch-" });
  try {
    await Deno.writeTextFile(`${folder}/pom.xml`, pom(KAFKA_VERSIONS[line]));
    const { success, stdout, stderr } = await new Deno.Command("mvn", {
      args: [
        ...["--batch-mode", "--quiet", `--file=${folder}/pom.xml`],
        ...["--update-snapshots", COPY_JARS, "-DincludeScope=runtime", `-DoutputDirectory=${folder}/libs`],
        ...["-Daether.connector.connectTimeout=10000", "-Dmaven.wagon.http.connectionTimeout=10000"],
      ],
      stdin: "null",
      signal: AbortSignal.timeout(FETCH_WITHIN_MS),
    }).output();
    if (!success) return absenceOf(new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr));
    await moveIntoPlace(folder, line);
    return undefined;
  } finally {
    await Deno.remove(folder, { recursive: true }).catch(() => undefined);
  }
}

async function moveIntoPlace(folder: string, line: KafkaLine): Promise<void> {
  try {
    await Deno.rename(folder, `${CACHE}kafka-${KAFKA_VERSIONS[line]}`);
  } catch (error) {
    // Another run was faster.
    if (!hasJars(line)) throw error;
  }
}

function absenceOf(output: string): Absence {
  // A process that was ended for taking too long says nothing of its own.
  if (OUT_OF_REACH.test(output) || output.trim() === "") {
    return { reason: "Maven Central cannot be reached", isExcused: true };
  }
  const line = /\[ERROR\][^\n]*/.exec(output)?.[0] ?? output.trim().slice(-200);
  return { reason: `Maven could not fetch Kafka: ${line}`, isExcused: false };
}

/** Kafka, and the part of its logging that prints, without which a broker fails in silence. */
function pom(version: string): string {
  const dependency = (group: string, artifact: string, version: string): string =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>traptor</groupId><artifactId>kafka-for-tests</artifactId><version>1</version>
  <dependencies>
    ${dependency("org.apache.kafka", "kafka_2.13", version)}
    ${dependency("org.slf4j", "slf4j-simple", "1.7.36")}
  </dependencies>
</project>
`;
}

if (import.meta.main) {
  const absence = await fetchKafkaJars();
  for (const line of ["current", "previous"] as const) {
    console.log(`Kafka ${KAFKA_VERSIONS[line]}: ${absence?.reason ?? kafkaAbsence(line)?.reason ?? "ready"}`);
  }
}
