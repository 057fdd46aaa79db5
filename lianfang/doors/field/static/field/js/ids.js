// Ids of entries: uuids of version 7 (RFC 9562), made on the phone so that sending twice stores once.

let last = 0;
let counter = 0;

/**
 * Make an id for something that happened at an instant.
 * The twelve bits after the milliseconds count up within one millisecond, so ids of one phone keep their order.
 * @param {number} at milliseconds since 1970, by the corrected clock
 * @returns {string}
 */
export function makeId(at) {
  const random = crypto.getRandomValues(new Uint8Array(10));
  const milliseconds = Math.floor(at);
  counter = milliseconds === last ? (counter + 1) & 0xfff : ((random[0] << 8) | random[1]) & 0x7ff;
  last = milliseconds;
  const time = milliseconds.toString(16).padStart(12, "0");
  const sequence = (0x7000 | counter).toString(16);
  random[2] = (random[2] & 0x3f) | 0x80;
  const rest = Array.from(random.subarray(2), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${time.slice(0, 8)}-${time.slice(8)}-${sequence}-${rest.slice(0, 4)}-${rest.slice(4)}`;
}

/**
 * Read the instant back out of an id.
 * @param {string} id
 * @returns {number} milliseconds since 1970
 */
export function momentOf(id) {
  return parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}
