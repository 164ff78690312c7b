/** Events about the other instances that use the same token, and who of them reads. */

import { kind } from "./event_kind.ts";

export const FLEET_EVENTS = {
  fleet_standby: kind<{ reason: string }>("INFO", (f) => `Standing by: ${f.reason}`),
  fleet_holding: kind<{ generation: number; after: string }>(
    "INFO",
    (f) => `This instance holds the app's connection now${f.after}`,
  ),
  fleet_let_go: kind<{ reason: string }>("WARN", (f) => `This instance lets the app's connection go: ${f.reason}`),
  fleet_alone: kind<{ reason: string }>(
    "WARN",
    (f) =>
      `Redis does not say who holds the app's connection: ${f.reason}. No other instance was there when this one last ` +
      "looked, so it goes on without",
    () => "",
  ),
  fleet_unseen: kind<{ reason: string }>(
    "WARN",
    (f) => `Redis does not tell of the other instances: ${f.reason}`,
    () => "",
  ),
  fleet_seen: kind("INFO", () => "Redis tells of the other instances again"),
  commands_unread: kind<{ reason: string }>(
    "WARN",
    (f) => `Redis does not tell what people ask of this instance: ${f.reason}`,
    () => "",
  ),
  instance_twin: kind<{ instance: string; host: string }>(
    "ERROR",
    (f) =>
      `Another process, on ${f.host}, uses a copy of this state directory and is taken for this instance ` +
      `(${f.instance}): stop one, and delete the file "instance" in its state directory`,
  ),
  slots_changed: kind<{ slots: string }>("INFO", (f) => `The instances of this app collect ${f.slots}`),
} as const;
