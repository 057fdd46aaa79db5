// The protocol's rules, as the server holds them (lianfang/pack/protocols.py and conditions.py): the first rule whose
// conditions hold proposes. A twin test holds the two to the same answers.

const BOUNDS = ["gte", "gt", "lte", "lt"];

// Older phones' browsers know no Object.hasOwn.
const has = (value, name) => Object.prototype.hasOwnProperty.call(value, name);
const isMapping = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/** Return the value at a path of names, or null. */
export function found(answers, path) {
  let value = answers;
  for (const name of path.split(".")) {
    if (!isMapping(value)) return null;
    value = has(value, name) ? value[name] : null;
  }
  return value ?? null;
}

function limitOf(bound, answers, thresholds) {
  if (!isMapping(bound)) return bound;
  const named = String(found(answers, bound.fever_c));
  return has(thresholds, named) ? thresholds[named] : Math.min(...Object.values(thresholds));
}

function ordered(name, value, limit) {
  if (name === "gte") return value >= limit;
  if (name === "gt") return value > limit;
  return name === "lte" ? value <= limit : value < limit;
}

function within(bounds, value, answers, thresholds) {
  if (bounds.missing !== undefined && bounds.missing !== null && (value === null) !== bounds.missing) return false;
  return BOUNDS.every((name) => {
    const bound = bounds[name] ?? null;
    if (bound === null) return true;
    const limit = limitOf(bound, answers, thresholds);
    // A number is only held against a number, a date only against a date.
    return ["string", "number"].includes(typeof value) && typeof value === typeof limit && ordered(name, value, limit);
  });
}

function meets(condition, value, answers, thresholds) {
  if (Array.isArray(condition)) return condition.some((each) => each === value);
  if (isMapping(condition)) return within(condition, value, answers, thresholds);
  return condition === value;
}

/**
 * Say whether all conditions hold; those on one repeat must hold in one row together.
 * @param {Record<string, unknown>} where path to condition
 * @param {Record<string, unknown>} answers
 * @param {Record<string, number>} thresholds device class to degrees Celsius
 */
export function holds(where, answers, thresholds) {
  const rows = new Map();
  for (const [path, condition] of Object.entries(where)) {
    const dot = path.lastIndexOf(".");
    const head = dot < 0 ? "" : path.slice(0, dot);
    if (head && Array.isArray(found(answers, head))) {
      if (!rows.has(head)) rows.set(head, []);
      rows.get(head).push([path.slice(dot + 1), condition]);
    } else if (!meets(condition, found(answers, path), answers, thresholds)) {
      return false;
    }
  }
  return [...rows].every(([head, conditions]) =>
    found(answers, head).some((row) =>
      conditions.every(([name, each]) => meets(each, found(row, name), answers, thresholds)),
    ),
  );
}

/**
 * Propose a decision for an entry of a kind; null where no rule speaks about that kind.
 * @param {object} protocol the edition in force, as the server told it
 * @param {string} kind the form
 * @param {Record<string, unknown>} answers what has been answered so far
 */
export function decide(protocol, kind, answers) {
  const rule = protocol.rules.find(
    (each) => each.kinds.includes(kind) && holds(each.when ?? {}, answers, protocol.fever_c),
  );
  if (!rule) return null;
  return {
    decision: rule.decision,
    rule: rule.name,
    reasons: [rule.reason],
    interim: rule.interim ?? false,
    reason_code: rule.reason_code ?? "",
    edition: protocol.edition,
  };
}

/** The fever threshold of a device class in degrees Celsius; the strictest where the class is unknown. */
export function threshold(protocol, deviceClass) {
  return protocol.fever_c[deviceClass] ?? Math.min(...Object.values(protocol.fever_c));
}
