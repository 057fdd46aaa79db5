// Plates: what the keys are, and whether a number looks like one (GB plates; STANDARDS of the house, "Identity and
// codes"). A number that does not is never refused at a post; it is sent as it was read.

export const PROVINCES = [..."京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"];
export const LETTERS = [..."ABCDEFGHJKLMNPQRSTUVWXYZ"];
export const DIGITS = [..."1234567890"];
export const ENDINGS = [..."挂学警港澳领"];

const P = `[${PROVINCES.join("")}]`;
const L = "[A-HJ-NP-Z]";
const KINDS = [
  ["new_energy", new RegExp(`^${P}${L}[A-HJK][A-HJ-NP-Z0-9]\\d{4}$`)],
  ["new_energy", new RegExp(`^${P}${L}\\d{5}[A-HJK]$`)],
  ["ordinary", new RegExp(`^${P}${L}[A-HJ-NP-Z0-9]{4}[A-HJ-NP-Z0-9挂学警港澳领]$`)],
  ["armed_police", new RegExp(`^WJ${P}?\\d{4}[0-9TDSHBXJ]$`)],
  ["embassy", /^(使\d{6}|\d{6}使)$/],
];

// The first character of a plate by the two digits that begin a division code (GB/T 2260): Henan's 41 is 豫.
const BY_CODE = {
  11: "京", 12: "津", 13: "冀", 14: "晋", 15: "蒙", 21: "辽", 22: "吉", 23: "黑", 31: "沪", 32: "苏", 33: "浙",
  34: "皖", 35: "闽", 36: "赣", 37: "鲁", 41: "豫", 42: "鄂", 43: "湘", 44: "粤", 45: "桂", 46: "琼", 50: "渝",
  51: "川", 52: "贵", 53: "云", 54: "藏", 61: "陕", 62: "甘", 63: "青", 64: "宁", 65: "新",
};

/** The character of the province an area lies in, or nothing. */
export const provinceOf = (area) => BY_CODE[(area ?? "").slice(0, 2)] ?? "";

/** Strip what people write between the characters, and write capitals. */
export const tidy = (plate) => plate.replace(/[\s·.-]/g, "").toUpperCase();

/** The kind of a plate by its shape, or an empty word where it has none. */
export const kindOf = (plate) => KINDS.find(([, shape]) => shape.test(plate))?.[0] ?? "";

/** The plate with the dot people expect after the second character. */
export const shown = (plate) => (/^\p{Script=Han}[A-Z]/u.test(plate) ? `${plate.slice(0, 2)}·${plate.slice(2)}` : plate);
