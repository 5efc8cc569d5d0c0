// JSON by the engine's own parser, but with integers to the last digit: what a double may not hold is a BigInt.

/**
 * The value of a JSON text. `bigint` says which integers become BigInts: "auto", those that a double does not hold;
 * "always", all; "never", none, and they are rounded.
 */
export function parse(text, bigint) {
  return bigint === "always" || (bigint === "auto" && hasLongNumber(text))
    ? parseExact(text, bigint === "always")
    : JSON.parse(text);
}

/** The JSON text of a value, which may have BigInts in it; `undefined` where it has none. */
export function stringify(value) {
  // Twice as fast; on a BigInt it throws, unless somebody has taught BigInts another way.
  if (!BigInt.prototype.toJSON) {
    try {
      return JSON.stringify(value);
    } catch {
      // If it is no BigInt that is wrong, it is found again.
    }
  }
  let exact = false;
  const text = JSON.stringify(value, function (name, value) {
    // Not `value`: somebody may have given BigInts a `toJSON` of theirs.
    if (typeof this[name] !== "bigint") return value;
    exact = true;
    return mark + this[name];
  });
  return exact ? text.replaceAll(MARKED, "$1") : text;
}

// Whether sixteen digits follow each other, as in every integer that a double may not hold. One of any sixteen
// characters is at such a place, so few are looked at: a regular expression costs a seventh of the parsing.
function hasLongNumber(text) {
  for (let at = 15; at < text.length; at += 16) {
    if (isDigit(text, at)) {
      let [from, to] = [at, at];
      while (isDigit(text, from - 1)) from--;
      while (isDigit(text, to + 1)) to++;
      if (to - from >= 15) return true;
    }
  }
  return false;
}

function isDigit(text, at) {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

// The parser rounds numbers before anybody sees them. As strings, which nobody else can write, they come through.
function parseExact(text, always) {
  const marked = text.replace(TOKEN, (token, integer) =>
    integer !== undefined && (always || !Number.isSafeInteger(Number(integer))) ? `"${mark}${integer}"` : token,
  );
  return JSON.parse(marked, (_, value) =>
    typeof value === "string" && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value,
  );
}

// A string, a number with a fraction or exponent, or an integer.
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?(?:0|[1-9]\d*)(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+)|(-?(?:0|[1-9]\d*))/g;
// Made anew on each page, so that nothing that a machine sends can begin with it.
const mark = `\u{e000}${crypto.getRandomValues(new Uint32Array(4)).join("-")}:`;
const MARKED = new RegExp(`"${mark}(-?\\d+)"`, "g");
