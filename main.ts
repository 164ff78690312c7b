/** Hands the arguments to the command line and exits with its code. */

import { main } from "./src/cli/cli.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));
