// Everything that is needed more rarely than a car comes.

import { lay, tabs } from "../frame.js";
import * as lock from "../lock.js";
import * as post from "../post.js";
import * as signals from "../signals.js";
import * as store from "../store.js";
import { toast } from "../toast.js";
import { h, icon } from "../ui.js";
import * as updates from "../updates.js";
import { language, LANGUAGES, speak, t, text } from "../words.js";

const THEMES = ["auto", "sun", "night"];
const SPOKEN = { "zh-hans": "简体中文", en: "English" };

export async function show(root, given, go) {
  const again = () => document.dispatchEvent(new CustomEvent("field:again"));
  const pinned = await lock.isSet();
  const link = (sign, label, press, name) => h("button.button.choice", { onclick: press, "data-action": name }, icon(sign), label);
  const choose = (label, values, present, names, press) =>
    h(
      "section",
      null,
      h("h2", null, label),
      h("div.row", { role: "radiogroup", "aria-label": label }, values.map((each) => h("button.chip", { role: "radio", "aria-checked": String(each === present), "data-choice": each, onclick: () => press(each) }, names[each]))),
    );
  async function theme(value) {
    await store.setMeta("theme", value);
    document.documentElement.dataset.theme = value;
    again();
  }
  async function tongue(value) {
    await store.setMeta("language", value);
    await speak(value);
    again();
  }
  async function sound(value) {
    await signals.setSilent(value === "off");
    if (value === "on") signals.done();
    again();
  }
  async function pin() {
    if (pinned) await lock.set("");
    else if (await lock.choose()) toast(t("The lock is set"));
    again();
  }
  const device = await store.meta("device");
  lay(root, {
    page: [
      h("div.list", null,
        post.form("queue_length") && link("queue", post.form("queue_length").title, () => go("queue"), "queue"),
        link("scan", t("Scan a place's code"), () => go("scan"), "scan-place"),
        link("ok", t("Sent and unsent entries"), () => go("outbox"), "outbox"),
        link("person", t("Change of shift or post"), () => go("enrol"), "shift"),
        pinned && link("lock", t("Lock now"), () => lock.now(), "lock"),
      ),
      choose(t("Display"), THEMES, document.documentElement.dataset.theme, { auto: t("As the phone"), sun: t("Sun"), night: t("Night") }, theme),
      choose(t("Language"), LANGUAGES, language(), SPOKEN, tongue),
      choose(t("Sound"), ["on", "off"], signals.isSilent() ? "off" : "on", { on: t("On"), off: t("Only vibration") }, sound),
      lock.possible() && link("lock", pinned ? t("Take the lock away") : t("Set a lock of four digits"), pin, "pin"),
      h("div.card.small", null, await about(device)),
      h("button.button.link", { onclick: () => updates.look().then(() => toast(t("Looked for a new version"))) }, t("Look for a new version")),
    ],
    tabs: tabs("more", go),
  });
}

async function about(device) {
  const protocol = post.protocol();
  const hours = Math.floor(post.age());
  return [
    h("p", null, t("Rules: {title}", { title: text(protocol.title) })),
    h("p", null, hours < 1 ? t("Read from the server within the hour.") : t("Read from the server {n} h ago; valid for {most} h without a line.", { n: hours, most: protocol.offline_hours })),
    h("p", null, updates.offlineReady() ? t("Works without a line.") : t("Not yet ready to work without a line.")),
    h("p", null, (await store.meta("persistent")) ? t("The browser keeps what is stored here.") : t("The browser may clear this away when the phone runs full: install the app on the home screen.")),
    h("p", null, t("This phone: {code}", { code: device.code })),
  ];
}
