// Why somebody is turned back: one of the form's reasons, one tap.

import * as alarms from "../alarms.js";
import * as checks from "../checks.js";
import { head, lay } from "../frame.js";
import * as post from "../post.js";
import * as signals from "../signals.js";
import { StorageFull } from "../store.js";
import { toast } from "../toast.js";
import { h } from "../ui.js";
import { t } from "../words.js";

export async function show(root, { slot }, go) {
  const check = await checks.load(slot);
  const { kind } = check;
  const home = kind === checks.VEHICLE ? "vehicle" : "person";
  if (!check.readings.length) {
    // Whoever is turned back unmeasured is turned back for refusing; the form asks for a temperature otherwise.
    return lay(root, { head: head(t("Turn back")), page: [h("p.card.attention", null, t("Measure first. The form asks for a temperature of each person."))] });
  }
  async function finish(reason) {
    try {
      await checks.conclude(check, checks.TURN_BACK, { reason });
    } catch (fault) {
      if (!(fault instanceof StorageFull)) throw fault;
      return alarms.storageFull();
    }
    signals.no();
    toast([checks.title(check), post.answerText(kind, "decision", checks.TURN_BACK), t("kept")].filter(Boolean).join(" · "), "bad");
    return go(home);
  }
  const reasons = post.question(kind, "reason")?.choices ?? [];
  return lay(root, {
    head: head(t("Why turned back?")),
    page: [
      h("div.fills", null),
      h("div.list", null, reasons.map((each) => h("button.button.choice", { "data-reason": each.name, onclick: () => finish(each.name) }, each.label))),
    ],
  });
}
