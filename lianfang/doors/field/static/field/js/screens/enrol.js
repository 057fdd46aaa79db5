// Making this phone the device of a post, and changing the shift: the person signs in, picks the post, gets a key.

import { head, lay, primary, roots } from "../frame.js";
import * as outbox from "../outbox.js";
import * as post from "../post.js";
import * as signals from "../signals.js";
import * as status from "../status.js";
import * as store from "../store.js";
import { h, icon } from "../ui.js";
import { asPerson, Refused, relieve, Unreachable } from "../wire.js";
import { language, t } from "../words.js";

export async function show(root, { place } = {}, go) {
  const first = post.current() === null;
  const title = first ? h("h1", null, t("Set this phone up")) : head(t("Change of shift or post"));
  lay(root, { head: title, page: [h("p.muted", null, t("One moment …"))] });
  let who;
  try {
    who = await asPerson("/field/who");
  } catch (fault) {
    return refused(root, title, fault, go);
  }
  return pick(root, title, who, { scanned: place, held: (await store.all("held")).length }, go);
}

function refused(root, title, fault, go) {
  if (fault instanceof Refused && fault.status === 401) {
    lay(root, {
      head: title,
      page: [h("p", null, t("Sign in with your own account. The phone then gets a key of its own and works without a line."))],
      foot: [h("a.button.primary", { href: "/sign-in/?next=/field/%3Fshift", "data-action": "sign-in" }, t("Sign in"))],
    });
    return;
  }
  if (!(fault instanceof Refused || fault instanceof Unreachable)) throw fault;
  const words = fault instanceof Refused ? fault.message : t("The server cannot be reached. A line is needed for this once; what is kept on this phone stays.");
  lay(root, { head: title, page: [h("p.card.bad", null, words)], foot: [primary(t("Try again"), () => go("enrol"))] });
}

function pick(root, title, who, { scanned, held }, go) {
  const here = scanned ?? post.current()?.device.place;
  const name = (each) => (language() === "en" && each.name_en ? each.name_en : each.name);
  const choice = (each) =>
    h(
      `button.button.choice`,
      { "aria-checked": String(each.code === here), role: "radio", "data-place": each.code, onclick: () => enrol(root, title, who, each, go) },
      each.code === here && icon("ok"),
      name(each),
    );
  const places = [...who.places].sort((one, other) => (other.code === here) - (one.code === here));
  lay(root, {
    head: title,
    page: [
      h("div.card", null, h("p.muted.small", null, t("On post")), h("p.title", null, who.person)),
      held > 0 && h("p.card.attention", null, t("{n} still wait here for a second measurement: finish with them before you change the post.", { n: held })),
      h("h2", null, t("Which post?")),
      h("div.list", { role: "radiogroup", "aria-label": t("Which post?") }, places.map(choice)),
      !places.length && h("p.card.attention", null, t("Your role may not record at any place. Ask who is in charge of the post.")),
    ],
    foot: [
      h("button.button.link", { onclick: () => relieve(who.csrf).catch((fault) => refused(root, title, fault, go)), "data-action": "relieve" }, t("Somebody else? Sign in anew.")),
      h("button.button", { onclick: () => go("scan", { enrol: true }) }, icon("scan"), t("Scan the post's code")),
    ],
  });
}

async function enrol(root, title, who, place, go) {
  lay(root, { head: title, page: [h("p.muted", null, t("One moment …"))] });
  // A key stands for one person at one post: what was made elsewhere still goes out under the key of there.
  const known = Object.values((await store.meta("keys")) ?? {}).find((each) => each.person === who.person && each.place === place.code);
  try {
    const { device } = await asPerson("/field/enrol", { body: { place: place.code, phone: known?.code ?? "" }, token: who.csrf });
    await takeOver({ ...device, place: place.code });
    await post.refresh();
  } catch (fault) {
    return refused(root, title, fault, go);
  }
  await status.draw();
  await outbox.revived();
  signals.done();
  await go(roots()[0][0]);
  document.dispatchEvent(new CustomEvent("field:enrolled"));
}

/** Keep the key; keys of people who were here before stay until what they made has been sent. */
async function takeOver(device) {
  const keys = (await store.meta("keys")) ?? {};
  const dead = ((await store.meta("dead keys")) ?? []).filter((code) => code !== device.code);
  await store.change(["meta"], ({ meta }) => {
    meta.put({ ...keys, [device.code]: device }, "keys");
    meta.put(device, "device");
    meta.put(dead, "dead keys");
  });
}
