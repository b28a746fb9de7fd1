//! Paths named in a text: `use` trees and inline paths alike, taken apart into segments.

use crate::source::{is_word, line_of};

/// One path, as far as it is written with `::`.
#[derive(Debug, PartialEq)]
pub(crate) struct Named {
    /// Line of its last segment, from 1.
    pub(crate) line: usize,
    /// `crate::a::{b, c::d}` gives `[crate, a, b]` and `[crate, a, c, d]`.
    pub(crate) segments: Vec<String>,
}

/// Every path of blanked code. A lone identifier is none, unless it is the whole of a `use`.
pub(crate) fn all(code: &str) -> Vec<Named> {
    let tokens = tokens(code);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let begins = matches!(&tokens[at].1, Token::Word(_)) && (at == 0 || tokens[at - 1].1 != Token::Colons);
        if begins {
            let is_use = at > 0 && tokens[at - 1].1 == Token::Word("use".to_owned());
            let next = tree(&tokens, at, &[], code, &mut found);
            if is_use && next == at + 1 {
                found.push(named(code, &tokens[at], &[]));
            }
            at = next.max(at + 1);
        } else {
            at += 1;
        }
    }
    found
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Colons,
    Other(char),
}

fn tokens(code: &str) -> Vec<(usize, Token)> {
    let mut tokens = Vec::new();
    let mut rest = code.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        if is_word(c) {
            let mut word = c.to_string();
            while let Some((_, c)) = rest.next_if(|&(_, c)| is_word(c)) {
                word.push(c);
            }
            tokens.push((at, Token::Word(word)));
        } else if c == ':' && rest.next_if(|&(_, c)| c == ':').is_some() {
            tokens.push((at, Token::Colons));
        } else if !c.is_whitespace() {
            tokens.push((at, Token::Other(c)));
        }
    }
    tokens
}

/// Reads one branch of a tree from `at`; returns where it ends.
fn tree(tokens: &[(usize, Token)], mut at: usize, prefix: &[String], code: &str, found: &mut Vec<Named>) -> usize {
    let mut segments = prefix.to_vec();
    let start = at;
    while let Some((_, Token::Word(word))) = tokens.get(at) {
        segments.push(word.clone());
        at += 1;
        if tokens.get(at).map(|t| &t.1) != Some(&Token::Colons) {
            break;
        }
        at += 1;
    }
    if tokens.get(at).map(|t| &t.1) == Some(&Token::Other('{')) && at > start && tokens[at - 1].1 == Token::Colons {
        at += 1;
        while at < tokens.len() && tokens[at].1 != Token::Other('}') {
            let next = tree(tokens, at, &segments, code, found);
            at = next.max(at + 1);
            while matches!(&tokens.get(at), Some((_, Token::Word(_)))) {
                at += 1; // `as name`
            }
            if tokens.get(at).map(|t| &t.1) == Some(&Token::Other(',')) {
                at += 1;
            }
        }
        return at + 1;
    }
    if segments.len() > 1 {
        let last = tokens[at - 1].0;
        found.push(Named {
            line: line_of(code, last),
            segments,
        });
    }
    at
}

fn named(code: &str, token: &(usize, Token), prefix: &[String]) -> Named {
    let mut segments = prefix.to_vec();
    if let Token::Word(word) = &token.1 {
        segments.push(word.clone());
    }
    Named {
        line: line_of(code, token.0),
        segments,
    }
}

/// The path from the crate's root, where it begins with `crate` or climbs up to it by `super`.
pub(crate) fn from_root<'a>(file: &str, named: &'a Named) -> Option<&'a [String]> {
    if named.segments.first().is_some_and(|s| s == "crate") {
        return Some(&named.segments[1..]);
    }
    let climbs = named.segments.iter().take_while(|s| *s == "super").count();
    (climbs > 0 && climbs >= depth(file)).then(|| &named.segments[climbs..])
}

/// How many modules a file lies below the root: `src/sip/mod.rs` one, `src/sip/parse.rs` two.
fn depth(file: &str) -> usize {
    let inside = file.trim_start_matches("src/").trim_end_matches(".rs");
    inside.split('/').filter(|part| *part != "mod").count()
}

#[test]
fn use_trees_and_inline_paths_are_taken_apart() {
    let code = "use crate::{sip::{self, Dialog as D}, media};\nuse axum;\nlet x = std::fs::read(a::b);";
    let found: Vec<(usize, String)> = all(code).into_iter().map(|n| (n.line, n.segments.join("::"))).collect();
    let expected = [
        (1, "crate::sip::self"),
        (1, "crate::sip::Dialog"),
        (1, "crate::media"),
        (2, "axum"),
        (3, "std::fs::read"),
        (3, "a::b"),
    ];
    assert_eq!(found, expected.map(|(line, path)| (line, path.to_owned())));
}

#[test]
fn a_path_that_climbs_to_the_root_is_seen() {
    let named = Named {
        line: 1,
        segments: ["super", "super", "media"].map(str::to_owned).to_vec(),
    };
    assert_eq!(from_root("src/sip/parse.rs", &named), Some(&["media".to_owned()][..]));
    assert_eq!(from_root("src/sip/dialog/state.rs", &named), None);
}
