// What this browser keeps of a person's taste. It may be forbidden to keep anything: then defaults hold.

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Nothing is kept; the choice holds until the page is left.
  }
}
