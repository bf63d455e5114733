// Those that are written in practice. The 2,231 of HTML would weigh more than the parser.
const named: Record<string, string> = {
  amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0", shy: "\u00ad", copy: "©", reg: "®", trade: "™",
  hellip: "…", ndash: "–", mdash: "—", lsquo: "‘", rsquo: "’", ldquo: "“", rdquo: "”", laquo: "«", raquo: "»",
  bull: "•", middot: "·", deg: "°", times: "×", divide: "÷", plusmn: "±", euro: "€", pound: "£", yen: "¥", cent: "¢",
  sect: "§", larr: "←", rarr: "→", uarr: "↑", darr: "↓", check: "✓", infin: "∞", ne: "≠", le: "≤", ge: "≥",
};

/** Puts in characters for the entities of HTML that a text has; one that is not known stays. */
export function decoded(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,6}));/gi, (entity, decimal?: string, hex?: string, name = "") => {
    if (decimal ?? hex) {
      return character(decimal ? Number(decimal) : parseInt(hex ?? "", 16));
    }
    return Object.hasOwn(named, name) ? (named[name] ?? entity) : entity;
  });
}

function character(code: number): string {
  const none = code === 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000);
  return none ? "\ufffd" : String.fromCodePoint(code);
}
