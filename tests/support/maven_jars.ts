/**
 * Jars of servers that tests run, in a cache folder of the checkout, `.cache/NAME-VERSION/libs`, fetched once by Maven.
 * `deno task test` fetches what is missing before the tests; a test itself only looks.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { findProgram } from "./programs.ts";

/** A server's jars. */
export interface JarSet {
  /** For people: `Kafka`. */
  readonly title: string;
  readonly version: string;
  /** Of the folder in the cache, without the version. */
  readonly folder: string;
  /** Group, artifact and version of what is fetched with all that it needs. */
  readonly dependencies: readonly (readonly [group: string, artifact: string, version: string])[];
}

/** Why something is absent, and whether that excuses a test even where every service is required. */
export interface Absence {
  readonly reason: string;
  readonly isExcused: boolean;
}

/** Set by the runner when it could not fetch some jars: an absence as JSON. */
export const ABSENCE_VARIABLE = "TRAPTOR_TEST_MAVEN_ABSENCE";

const CACHE = fileURLToPath(new URL("../../.cache/", import.meta.url));
const COPY_JARS = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
const FETCH_WITHIN_MS = 180_000;
const OUT_OF_REACH =
  /Could not transfer|[Uu]nknown host|Connection refused|timed out|Network is unreachable|No route to host|Name or service not known|Temporary failure in name resolution/;

/** The folder of the jars, whether or not they are there. */
export function folderOf({ folder, version }: JarSet): string {
  return `${CACHE}${folder}-${version}/libs`;
}

/** Why a server of these jars cannot be started, or undefined if it can. */
export function jarsAbsence(set: JarSet): Absence | undefined {
  if (findProgram("java") === undefined) return { reason: "Java is not installed", isExcused: false };
  if (hasJars(set)) return undefined;
  const told = Deno.env.get(ABSENCE_VARIABLE);
  if (told !== undefined && told !== "") return JSON.parse(told);
  if (findProgram("mvn") === undefined) return { reason: "Maven is not installed", isExcused: false };
  return { reason: `${set.title}'s jars are not in .cache; \`deno task test\` fetches them`, isExcused: false };
}

/** Fetches the jars that are missing, where Java and Maven are there; what kept it from doing so. */
export async function fetchJars(sets: readonly JarSet[]): Promise<Absence | undefined> {
  if (findProgram("java") === undefined || findProgram("mvn") === undefined) return undefined;
  for (const set of sets) {
    if (hasJars(set)) continue;
    console.error(`Fetching ${set.title} ${set.version} from Maven Central, once, for the tests that run it`);
    const absence = await fetchWithMaven(set);
    if (absence !== undefined) return absence;
  }
  return undefined;
}

function hasJars(set: JarSet): boolean {
  try {
    return Deno.statSync(folderOf(set)).isDirectory;
  } catch {
    return false;
  }
}

/** Fetches into a folder beside and moves it into place, so that a folder that is there is complete. */
async function fetchWithMaven(set: JarSet): Promise<Absence | undefined> {
  await Deno.mkdir(CACHE, { recursive: true });
  const folder = await Deno.makeTempDir({ dir: CACHE, prefix: `${set.folder}-fetch-` });
  try {
    await Deno.writeTextFile(`${folder}/pom.xml`, pom(set));
    const { success, stdout, stderr } = await new Deno.Command("mvn", {
      args: [
        ...["--batch-mode", "--quiet", `--file=${folder}/pom.xml`],
        ...["--update-snapshots", COPY_JARS, "-DincludeScope=runtime", `-DoutputDirectory=${folder}/libs`],
        ...["-Daether.connector.connectTimeout=10000", "-Dmaven.wagon.http.connectionTimeout=10000"],
      ],
      stdin: "null",
      signal: AbortSignal.timeout(FETCH_WITHIN_MS),
    }).output();
    if (!success) return absenceOf(set, new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr));
    await moveIntoPlace(folder, set);
    return undefined;
  } finally {
    await Deno.remove(folder, { recursive: true }).catch(() => undefined);
  }
}

async function moveIntoPlace(folder: string, set: JarSet): Promise<void> {
  try {
    await Deno.rename(folder, `${CACHE}${set.folder}-${set.version}`);
  } catch (error) {
    // Another run was faster.
    if (!hasJars(set)) throw error;
  }
}

function absenceOf({ title }: JarSet, output: string): Absence {
  // A process that was ended for taking too long says nothing of its own.
  if (OUT_OF_REACH.test(output) || output.trim() === "") {
    return { reason: "Maven Central cannot be reached", isExcused: true };
  }
  const line = /\[ERROR\][^\n]*/.exec(output)?.[0] ?? output.trim().slice(-200);
  return { reason: `Maven could not fetch ${title}: ${line}`, isExcused: false };
}

function pom({ dependencies, folder }: JarSet): string {
  const lines = dependencies.map(([group, artifact, version]) =>
    `    <dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`
  );
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>traptor</groupId><artifactId>${folder}-for-tests</artifactId><version>1</version>
  <dependencies>
${lines.join("\n")}
  </dependencies>
</project>
`;
}
