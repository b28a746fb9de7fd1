/** A number as it is read aloud: 138 0000 1111; a landline behind its first four digits. */
export function grouped(number: string): string {
  const mobile = /^(1..)(.{4})(.{4})$/.exec(number);
  if (mobile !== null) return mobile.slice(1).join(' ');
  return number.length > 4 ? `${number.slice(0, 4)} ${number.slice(4)}` : number;
}
