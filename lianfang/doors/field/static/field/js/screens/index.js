// Every screen by its name; the root ones are reached by the tabs and carry nothing half done.

import { show as check } from "./check.js";
import { show as clinic } from "./clinic.js";
import { show as details } from "./details.js";
import { show as enrol } from "./enrol.js";
import { show as handover } from "./handover.js";
import { show as identity } from "./identity.js";
import { show as more } from "./more.js";
import { show as open } from "./open.js";
import { show as outbox } from "./outbox.js";
import { show as queue } from "./queue.js";
import { show as reason } from "./reason.js";
import { show as scan } from "./scan.js";
import { show as second } from "./second.js";
import { show as typed } from "./typed.js";
import { show as vehicle } from "./vehicle.js";

/** @type {Record<string, {show: (root: HTMLElement, given: object, go: Function) => unknown, root?: boolean}>} */
export const SCREENS = {
  vehicle: { show: vehicle, root: true },
  person: { show: check, root: true },
  open: { show: open, root: true },
  clinic: { show: clinic, root: true },
  more: { show: more, root: true },
  check: { show: check },
  details: { show: details },
  identity: { show: identity },
  second: { show: second },
  reason: { show: reason },
  handover: { show: handover },
  typed: { show: typed },
  scan: { show: scan },
  queue: { show: queue },
  outbox: { show: outbox },
  enrol: { show: enrol },
};
