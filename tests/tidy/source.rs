//! The Rust files of the tree, and a text without its comments, literals and test modules.

use std::fs;
use std::path::Path;

/// One Rust file.
pub(crate) struct Source {
    /// Path from the root, with `/`.
    pub(crate) path: String,
    /// As it is.
    pub(crate) text: String,
    /// Comments and the insides of string and character literals blanked; every line keeps its number.
    pub(crate) code: String,
    /// Only the insides of literals blanked.
    pub(crate) prose: String,
}

impl Source {
    fn read(path: String) -> Self {
        let text = fs::read_to_string(Path::new(ROOT).join(&path)).unwrap();
        let (code, prose) = blank(&text);
        Self {
            path,
            text,
            code,
            prose,
        }
    }

    /// Whether the file is only built for tests: beside its module (`tests.rs`, `tests/`) or an integration test.
    pub(crate) fn is_test(&self) -> bool {
        self.path.starts_with("tests/")
            || self.path.starts_with("fuzz/")
            || self.path.ends_with("/tests.rs")
            || self.path.split('/').any(|folder| folder == "tests")
    }

    /// The top-level module that a file under src/ belongs to.
    pub(crate) fn module(&self) -> Option<&str> {
        let first = self.path.strip_prefix("src/")?.split('/').next()?;
        Some(first.strip_suffix(".rs").unwrap_or(first))
    }

    /// The code without inline test modules; every line keeps its number.
    pub(crate) fn shipped(&self) -> String {
        let mut shipped = self.code.clone();
        while let Some(start) = shipped.find("#[cfg(test)]") {
            let end = end_of_item(&shipped, start + "#[cfg(test)]".len());
            let blanked: String = shipped[start..end]
                .chars()
                .map(|c| if c == '\n' { '\n' } else { ' ' })
                .collect();
            shipped.replace_range(start..end, &blanked);
        }
        shipped
    }
}

/// The root of the repository.
pub(crate) const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Every Rust file that we wrote, in the order of its path.
pub(crate) fn all() -> Vec<Source> {
    let mut found = Vec::new();
    for folder in ["src", "tests", "benches", "fuzz/fuzz_targets", "build.rs"] {
        collect(folder, &mut found);
    }
    found.sort();
    found.into_iter().map(Source::read).collect()
}

/// The files under src/ that are part of the daemon.
pub(crate) fn shipped() -> Vec<Source> {
    all()
        .into_iter()
        .filter(|source| source.path.starts_with("src/") && !source.is_test())
        .collect()
}

fn collect(relative: &str, found: &mut Vec<String>) {
    let path = Path::new(ROOT).join(relative);
    if path.is_file() && relative.ends_with(".rs") {
        found.push(relative.to_owned());
    } else if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            collect(
                &format!("{relative}/{}", entry.unwrap().file_name().to_string_lossy()),
                found,
            );
        }
    }
}

/// The line of a byte offset, from 1.
pub(crate) fn line_of(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}

/// Where the item that begins after `start` ends: behind its closing brace, or behind its semicolon.
fn end_of_item(code: &str, start: usize) -> usize {
    let mut depth = 0_usize;
    for (at, c) in code[start..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return start + at + 1;
                }
            }
            ';' if depth == 0 => return start + at + 1,
            _ => {}
        }
    }
    code.len()
}

/// Blanks comments and literals: the first text has neither, the second keeps the comments.
fn blank(text: &str) -> (String, String) {
    let chars: Vec<char> = text.chars().collect();
    let (mut code, mut prose) = (String::with_capacity(text.len()), String::with_capacity(text.len()));
    let mut at = 0;
    while at < chars.len() {
        let end = comment_end(&chars, at);
        if end > at {
            push(&mut code, &chars[at..end], Keep::Nothing);
            push(&mut prose, &chars[at..end], Keep::All);
            at = end;
            continue;
        }
        let end = literal_end(&chars, at).unwrap_or(at + 1);
        let keep = if end > at + 1 { Keep::Ends } else { Keep::All };
        push(&mut code, &chars[at..end], keep);
        push(&mut prose, &chars[at..end], keep);
        at = end;
    }
    (code, prose)
}

#[derive(Clone, Copy)]
enum Keep {
    All,
    Ends,
    Nothing,
}

fn push(out: &mut String, chars: &[char], keep: Keep) {
    for (at, &c) in chars.iter().enumerate() {
        let is_kept = match keep {
            Keep::All => true,
            Keep::Ends => at == 0 || at + 1 == chars.len(),
            Keep::Nothing => false,
        };
        out.push(if is_kept || c == '\n' { c } else { ' ' });
    }
}

/// The end of the comment that begins at `at`; `at` itself when none does.
fn comment_end(chars: &[char], at: usize) -> usize {
    match chars[at..] {
        ['/', '/', ..] => at + chars[at..].iter().position(|&c| c == '\n').unwrap_or(chars.len() - at),
        ['/', '*', ..] => {
            let (mut depth, mut end) = (0, at);
            while end < chars.len() {
                match chars[end..] {
                    ['/', '*', ..] => (depth, end) = (depth + 1, end + 2),
                    ['*', '/', ..] => (depth, end) = (depth - 1, end + 2),
                    _ => end += 1,
                }
                if depth == 0 {
                    break;
                }
            }
            end
        }
        _ => at,
    }
}

/// The end of the literal that begins at `at`.
fn literal_end(chars: &[char], at: usize) -> Option<usize> {
    match chars[at..] {
        ['"', ..] => Some(quoted_end(chars, at + 1, '"')),
        ['r', '"' | '#', ..] if at == 0 || !is_word(chars[at - 1]) || matches!(chars[at - 1], 'b' | 'c') => {
            let hashes = chars[at + 1..].iter().take_while(|&&c| c == '#').count();
            let mut end = at + 1 + hashes;
            if chars.get(end) != Some(&'"') {
                return None;
            }
            end += 1;
            while end < chars.len() {
                let closes =
                    chars[end] == '"' && chars[end + 1..].iter().take(hashes).filter(|&&c| c == '#').count() == hashes;
                if closes {
                    return Some(end + 1 + hashes);
                }
                end += 1;
            }
            Some(end)
        }
        ['\'', '\\', ..] => Some(quoted_end(chars, at + 1, '\'')),
        ['\'', _, '\'', ..] => Some(at + 3),
        _ => None,
    }
}

fn quoted_end(chars: &[char], mut at: usize, quote: char) -> usize {
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 2,
            c if c == quote => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

/// Whether a character may be part of an identifier.
pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[test]
fn comments_and_literals_are_blanked_and_lines_stay() {
    let text = "a /* x\n/* y */ */ b \"tokio \\\" // no\" c // d\nr#\"e\"f\"# '\\'' 'g' &'h str";
    let (code, prose) = blank(text);
    assert_eq!(code.lines().count(), 3);
    assert!(!code.contains("tokio") && !code.contains('x') && !code.contains("d\n") && !code.contains('e'));
    assert!(code.contains('b') && code.contains('c') && code.contains("&'h str"));
    assert!(prose.contains("// d") && !prose.contains("tokio"));
}
