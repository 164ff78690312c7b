/** A source of rules that is broken as a whole: nothing of it is used. */

import { SettingsError } from "../base/errors.ts";

/** A file or a table that holds no rules that could be read; one odd rule in it is a `Refusal` instead. */
export class ExtractError extends SettingsError {}
