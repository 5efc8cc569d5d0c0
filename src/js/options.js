// Options as a page gives them: what they say is checked, and what they say of unknown things is an error.

const is = (type) => (value) => typeof value === type;
export const ANY = ["", () => true];
export const BOOLEAN = ["true or false", is("boolean")];
// A whole number from 1, or infinity.
export const COUNT = ["a whole number from 1", (value) => value === Infinity || (Number.isInteger(value) && value >= 1)];
export const FUNCTION = ["a function", is("function")];
// A time, which may be infinite.
export const MILLISECONDS = ["a positive number of milliseconds", (value) => typeof value === "number" && value > 0];
export const SIGNAL = ["an AbortSignal", (value) => value instanceof AbortSignal];
export const STRING = ["a string", is("string")];

/** The options that were given, if any: none but those in `known`, which says what each has to be. */
export function read(given, known) {
  const options = {};
  if (given === undefined || given === null) return options;
  if (typeof given !== "object") throw new TypeError("options must be an object");
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(known, name)) throw new TypeError(`there is no option ${name}, only ${Object.keys(known).join(", ")}`);
  }
  for (const name in known) {
    const value = given[name];
    if (value !== undefined) options[name] = check(name, value, known[name]);
  }
  return options;
}

/** The value, if it is what it has to be. */
export function check(name, value, [what, test]) {
  if (!test(value)) throw new TypeError(`${name} must be ${what}`);
  return value;
}
