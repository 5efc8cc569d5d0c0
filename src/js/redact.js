// Takes secrets out of messages. What is a secret is told by names: of members, of properties, of commands.

import { parse, stringify } from "./json.js";

const HIDDEN = "***";
const SECRET = /passw|passphrase|secret|cookie|credential|private.?key|^input-data$/i;
// Names of secrets that are kept elsewhere, such as `password-secret`.
const NAMES_ONE = /(-secret|id)$/i;
// In the human monitor's own language.
const SECRET_LINE = new RegExp(`${SECRET.source}|\\bdata\\b`, "i");
const WORDS = new RegExp(SECRET, "gi");
// In what is no JSON nothing can be told for certain: a secret's name, also with letters that need not be escaped; a text
// that was asked for, or why it was refused; one in an address.
const SECRET_TEXT = new RegExp(`${SECRET.source}|\\\\u00[2-7]|"data"\\s*[,}]|"(return|desc)"\\s*:\\s*"|:\\\\?/\\\\?/[^/]*(@|$)`, "i");
const IN_ADDRESS = /:\/\/[^/\s]*@/g;

/** Whether what a command returns is a secret itself. */
export function returnsSecret(command, args) {
  if (command === "qom-get") return isSecretProperty(args?.property);
  return command === "human-monitor-command" && SECRET_LINE.test(args?.["command-line"]);
}

/** Whether there may be a secret in what is no JSON. */
export function isSuspicious(text) {
  return SECRET_TEXT.test(text);
}

/**
 * The text of a message without its secrets. `message` is the text as the engine parses it; `reply` says whether what it
 * returns is one, and whether the reason of a refusal may repeat one. Where nothing is taken out it is the same text, or
 * else one with the same integers.
 */
export function redact(text, message, reply) {
  if (!hideIn(message, reply)) {
    // Of members of one name all but the last are gone, and nobody has looked into them.
    const isWhole = !SECRET.test(text) || count(text) === count(JSON.stringify(message));
    return isWhole ? { text } : { redacted: true };
  }
  const exact = parse(text, "always");
  hideIn(exact, reply);
  return { text: stringify(exact), redacted: true };
}

function hideIn(message, { secretReturn, secretDesc }) {
  const command = message.execute ?? message["exec-oob"];
  let hidden = hide(message, command === "object-add");
  if (secretReturn && message.return !== undefined) {
    message.return = HIDDEN;
    hidden = true;
  }
  if (secretDesc && message.error?.desc !== undefined) {
    message.error.desc = HIDDEN;
    hidden = true;
  }
  if (command === "human-monitor-command" && returnsSecret(command, message.arguments)) {
    const [verb] = message.arguments["command-line"].trim().split(/\s/);
    message.arguments["command-line"] = `${verb} ${HIDDEN}`;
    hidden = true;
  }
  return hidden;
}

// Puts something else in the place of each secret; true if there was one.
function hide(value, dataIsSecret) {
  if (typeof value !== "object" || value === null) return false;
  let hidden = false;
  const ofSecret = isSecretProperty(value.property) || isSecretProperty(value.name);
  for (const [name, member] of Object.entries(value)) {
    if (isSecret(name) || (name === "data" && dataIsSecret) || (name === "value" && ofSecret) || isSecretFile(member)) {
      value[name] = HIDDEN;
      hidden = true;
    } else if (typeof member === "string" && member.includes("://") && member.search(IN_ADDRESS) >= 0) {
      value[name] = member.replace(IN_ADDRESS, `://${HIDDEN}@`);
      hidden = true;
    } else if (hide(member, dataIsSecret)) {
      hidden = true;
    }
  }
  return hidden;
}

function count(text) {
  return text.match(WORDS)?.length;
}

function isSecret(name) {
  return SECRET.test(name) && !NAMES_ONE.test(name);
}

// A block device may be named by its options.
function isSecretFile(name) {
  return typeof name === "string" && name.startsWith("json:") && SECRET.test(name);
}

// An object of type `secret` has it in its `data`.
function isSecretProperty(name) {
  return typeof name === "string" && (name === "data" || isSecret(name));
}
