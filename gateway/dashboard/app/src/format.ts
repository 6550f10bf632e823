/** Decimal text is added as whole numbers: an amount never becomes a float on its way. */
export function addDecimals(texts: (string | null | undefined)[]): string {
  const places = Math.max(2, ...texts.map((text) => (text?.split(".")[1] ?? "").length));
  let sum = 0n;
  for (const text of texts) if (text) sum += scaled(text, places);
  return unscaled(sum, places);
}

export function isZero(text: string | null | undefined): boolean {
  return !text || /^[-+]?0*(\.0*)?$/.test(text);
}

export function isNegative(text: string): boolean {
  return text.startsWith("-") && !isZero(text);
}

export function subtract(one: string, other: string): string {
  return addDecimals([one, other.startsWith("-") ? other.slice(1) : `-${other}`]);
}

function scaled(text: string, places: number): bigint {
  const negative = text.startsWith("-");
  const [whole = "0", part = ""] = text.replace(/^[-+]/, "").split(".");
  const number = BigInt(whole + part.padEnd(places, "0"));
  return negative ? -number : number;
}

function unscaled(value: bigint, places: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(places + 1, "0");
  const text = `${digits.slice(0, -places)}.${digits.slice(-places)}`;
  return value < 0n ? `-${text}` : text;
}

/** A CSV cell; a text that a spreadsheet would take for a formula is quoted out of harm's way. */
export function csvCell(value: string | number | null | undefined): string {
  let text = String(value ?? "");
  if (/^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text)) text = `'${text}`;
  return /[",;\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function saveCsv(name: string, rows: (string | number | null | undefined)[][]) {
  const text = `\ufeff${rows.map((row) => row.map(csvCell).join(",")).join("\r\n")}\r\n`;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
