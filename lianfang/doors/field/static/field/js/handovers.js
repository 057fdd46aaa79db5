// Feverish people on their way to the clinic: open on this phone until the clinic has said that they arrived.

import * as outbox from "./outbox.js";
import * as post from "./post.js";
import * as store from "./store.js";
import * as time from "./time.js";
import { asDevice } from "./wire.js";

let coming = [];

/** Read what is remembered. */
export async function load() {
  const kept = (await store.meta("on the way")) ?? { coming: [], places: {} };
  coming = kept.coming;
  post.nameToo(kept.places);
}

/** Ask the server what has arrived, and at a clinic who is coming. */
export async function refresh() {
  const told = await asDevice("/field/handovers");
  await store.setMeta("on the way", { coming: told.coming, places: told.places });
  await load();
  const mine = new Map((await store.all("handovers")).map((each) => [each.id, each]));
  for (const each of told.sent) {
    const known = mine.get(each.id);
    if (!known && !each.received) await store.put("handovers", adopted(each));
    else if (known && each.received && !known.received) await store.put("handovers", { ...known, received: each.received });
  }
  document.dispatchEvent(new CustomEvent("field:handovers"));
}

/** A hand-over that another phone of this post made is this post's all the same. */
function adopted({ id, at, temperature, clinic, place }) {
  const began = Date.parse(at);
  const dueAt = began + post.protocol().handover_minutes * 60_000;
  return { id, at: began, title: "", temperature, clinic, place, dueAt, received: null, rung: false };
}

/** Those this post has sent, newest first. */
export const sent = async () => (await store.all("handovers")).sort((one, other) => other.at - one.at);

/** Those on their way to this clinic, the longest on the way first; what was received here is not asked again. */
export async function onTheWay() {
  const received = new Set((await store.meta("received")) ?? []);
  const minutes = post.protocol().handover_minutes;
  return coming
    .filter((each) => !each.received && !received.has(each.id))
    .map((each) => ({ ...each, at: Date.parse(each.at), dueAt: Date.parse(each.at) + minutes * 60_000 }))
    .sort((one, other) => one.at - other.at);
}

/** Those this clinic has received lately. */
export const arrived = () => coming.filter((each) => each.received);

/** Confirm a receipt: one entry that names the hand-over. */
export async function receive(handover, { outcome, temperature }) {
  const answers = { handover: handover.id, outcome, ...(temperature === undefined ? {} : { temperature }) };
  const received = [...((await store.meta("received")) ?? []), handover.id].slice(-200);
  await outbox.add(
    { form: "fever_receipt", place: post.current().device.place, answers, title: shortId(handover.id) },
    { tables: ["meta"], also: (tables) => void tables.meta.put(received, "received") },
  );
}

/** The last digits of a hand-over's id: what the post and the clinic read to each other. */
export const shortId = (id) => id.slice(-4).toUpperCase();

/** Forget what was received before an instant. */
export async function forget(before) {
  for (const each of await store.all("handovers")) if (each.received && each.at < before) await store.remove("handovers", each.id);
}

/** How many are open, and how many of them too long. */
export async function counts() {
  const open = (await store.all("handovers")).filter((each) => !each.received);
  return { open: open.length, overdue: open.filter((each) => each.dueAt < time.now()).length };
}
