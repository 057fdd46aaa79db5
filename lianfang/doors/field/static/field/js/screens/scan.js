// The camera first; the code can be typed when there is no camera or it cannot be read.

import * as checks from "../checks.js";
import { head, lay, primary } from "../frame.js";
import * as post from "../post.js";
import { parse, watch } from "../scanner.js";
import * as signals from "../signals.js";
import { toast } from "../toast.js";
import { fill, h } from "../ui.js";
import { t } from "../words.js";

const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** `slot` is the check a person's code belongs to; without one a place's code is compared with this post. */
export async function show(root, { slot, enrol }, go) {
  const video = h("video", { playsinline: true, muted: true });
  const hint = h("p", { "aria-live": "polite" }, t("Hold the code into the frame."));
  let stop = () => undefined;
  let left = false;

  /** Returns whether to go on looking. */
  function read(told) {
    const code = parse(told);
    if (!code || (slot && (code.kind !== "person" || !UUID.test(code.code))) || (!slot && code.kind !== "place")) {
      hint.textContent = t("This is not a code of ours: {told}", { told: told.slice(0, 40) });
      return true;
    }
    signals.done();
    void take(code);
    return false;
  }
  async function take({ code }) {
    if (slot) {
      const check = await checks.load(slot);
      check.subject = code.toLowerCase();
      checks.keep(check);
      go("person");
    } else if (enrol) {
      go("enrol", { place: code });
    } else if (code === post.current().device.place) {
      toast(t("This is your post: {place}", { place: post.placeName(code) }));
      history.back();
    } else {
      signals.no();
      toast(t("This is another place: {place}. Change the post under More.", { place: post.placeName(code) }), "bad");
      history.back();
    }
  }
  function byHand() {
    stop();
    const input = h("input", { type: "text", autocomplete: "off", autocapitalize: "none", placeholder: slot ? "lf:person:…" : "lf:place:…" });
    const take = () => read(input.value.includes(":") ? input.value : `lf:${slot ? "person" : "place"}:${input.value.trim()}`);
    lay(root, {
      head: head(t("Type the code")),
      page: [h("label.field", null, h("span", null, t("The characters under the code")), input), hint],
      foot: [primary(t("Take over"), take)],
    });
    hint.textContent = "";
    input.focus();
  }
  lay(root, {
    head: head(slot ? t("Scan a person's code") : t("Scan a place's code")),
    page: [h("div.viewer", null, video, h("div.frame", null)), hint],
    foot: [h("button.button", { onclick: byHand, "data-action": "by-hand" }, t("Type it instead"))],
  });
  watch(video, read).then(
    (stopper) => {
      stop = stopper;
      if (left) stop();
    },
    () => fill(hint, t("The camera cannot be used here. Allow it in the browser, or type the code.")),
  );
  return () => {
    left = true;
    stop();
  };
}
