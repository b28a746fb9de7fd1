// A first password that can be read aloud: no letters or digits that look alike.

const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';

export function drawPassword(): string {
  const drawn = new Uint32Array(16);
  crypto.getRandomValues(drawn);
  const letters = [...drawn].map((value) => LETTERS[value % LETTERS.length] ?? 'x').join('');
  return letters.replace(/(.{4})(?=.)/g, '$1-');
}
