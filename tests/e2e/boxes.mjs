// A font of boxes: every character is the same bar, and a space is none. With it a page is laid out alike wherever it is,
// whatever fonts there are, and the colour of its text is a plain area.

const EM = 1000;
const WIDTH = 550;
const HEIGHT = 600;
const [ASCENT, DESCENT] = [800, 200];
const [NOT_THERE, SPACE, BOX] = [0, 1, 2];

/** The font as TrueType, see https://learn.microsoft.com/typography/opentype/spec. */
export function boxes() {
  const glyphs = [[], [], box()];
  const tables = {
    "OS/2": bytes(
      u16(4, WIDTH, 400, 5, 0, ...Array(10).fill(0), 0, ...Array(5).fill(0), 0, 0, 0, 0, 0, 0, 0, 0),
      u16(0, 0, 0x40, 0x20, 0xffff, ASCENT, -DESCENT, 0, ASCENT, DESCENT, 0, 0, 0, 0, HEIGHT, HEIGHT, 0, 0x20, 0),
    ),
    cmap: cmap(),
    glyf: bytes(...glyphs),
    head: bytes(
      u32(0x00010000, 0x00010000, 0, 0x5f0f3cf5),
      u16(0, EM, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, WIDTH, HEIGHT, 0, 8, 2, 0, 0),
    ),
    hhea: bytes(u32(0x00010000), u16(ASCENT, -DESCENT, 0, WIDTH, 0, 0, WIDTH, 1, ...Array(7).fill(0), glyphs.length)),
    hmtx: bytes(...glyphs.map(() => u16(WIDTH, 0))),
    loca: u16(...glyphs.map((_, i) => glyphs.slice(0, i).flat().length / 2), glyphs.flat().length / 2),
    maxp: bytes(u32(0x00010000), u16(glyphs.length, 4, 1, 0, 0, 1, ...Array(8).fill(0))),
    name: u16(0, 0, 6),
    post: bytes(u32(0x00030000), u32(...Array(7).fill(0))),
  };
  const names = Object.keys(tables);
  let offset = 12 + 16 * names.length;
  const directory = names.map((name) => {
    const entry = bytes([...Buffer.from(name)], u32(checksum(tables[name]), offset, tables[name].length));
    offset += padded(tables[name]).length;
    return entry;
  });
  const power = 2 ** Math.floor(Math.log2(names.length));
  const header = bytes(u32(0x00010000), u16(names.length, 16 * power, Math.log2(power), 16 * (names.length - power)));
  return Buffer.from(bytes(header, ...directory, ...Object.values(tables).map(padded)));
}

/** Its neighbours overlap a little, so that a word is one bar. */
function box() {
  const [left, right] = [-10, WIDTH + 10];
  const corners = u16(left, 0, right - left, 0, 0, HEIGHT, 0, -HEIGHT);
  return bytes(u16(1, left, 0, right, HEIGHT, 3, 0), [1, 1, 1, 1], corners);
}

/** Format 13: many characters, one glyph. */
function cmap() {
  const spaces = [[0x20, 0x20], [0xa0, 0xa0], [0x2000, 0x200f], [0x2028, 0x202f]];
  const groups = [];
  let from = 0x21;
  for (const [first, last] of spaces) {
    if (from < first) groups.push([from, first - 1, BOX]);
    groups.push([first, last, SPACE]);
    from = last + 1;
  }
  groups.push([from, 0x10ffff, BOX]);
  const length = 16 + 12 * groups.length;
  return bytes(u16(0, 1, 3, 10), u32(12), u16(13, 0), u32(length, 0, groups.length), u32(...groups.flat()));
}

function checksum(table) {
  const words = Buffer.from(padded(table));
  let sum = 0;
  for (let i = 0; i < words.length; i += 4) sum = (sum + words.readUInt32BE(i)) >>> 0;
  return sum;
}

const bytes = (...parts) => parts.flat();
const u16 = (...numbers) => numbers.flatMap((n) => [(n >> 8) & 255, n & 255]);
const u32 = (...numbers) => numbers.flatMap((n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]);
const padded = (table) => [...table, ...Array((4 - (table.length % 4)) % 4).fill(0)];
