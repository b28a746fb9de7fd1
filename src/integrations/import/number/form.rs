//! How groups of digits become whole numbers, or why they do not.

use super::{Cleaned, Found};
use crate::integrations::import::reason::{Doubt, Reason};
use crate::phone::Number;
use crate::phone::shape::{is_area_code, is_landline, is_local, is_mobile};

/// Digits that were written together.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    /// What stands before them.
    pub(super) separator: Separator,
    pub(super) digits: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Separator {
    #[default]
    Nothing,
    Space,
    Hyphen,
    Dot,
    Colon,
}

/// Groups with no word between them.
#[derive(Clone, Debug, Default)]
pub(super) struct Segment {
    pub(super) has_plus: bool,
    pub(super) groups: Vec<Group>,
    pub(super) extension: Option<String>,
    pub(super) note: Option<String>,
}

impl Segment {
    pub(super) fn add_note(&mut self, word: &str) {
        let note = self.note.get_or_insert_default();
        if note.chars().count() < 20 {
            note.push_str(word);
        }
    }
}

/// More groups than this are no telephone numbers.
const MOST_GROUPS: usize = 40;
/// Fewer digits than this are not even an attempt at a number.
const SHORTEST_ATTEMPT: usize = 7;

/// Reads the numbers of a segment into `cleaned`.
pub(super) fn read(segment: Segment, cleaned: &mut Cleaned) {
    match numbers(&segment) {
        Ok(mut found) => {
            if let Some(last) = found.last_mut() {
                last.extension = segment.extension.or(last.extension.take());
                last.note = segment.note;
            }
            cleaned.found.append(&mut found);
        }
        Err(reason) if segment.has_plus || segment.extension.is_some() => refuse(&segment.groups, reason, cleaned),
        Err(reason) => salvage(&segment, reason, cleaned),
    }
}

fn numbers(segment: &Segment) -> Result<Vec<Found>, Reason> {
    let groups = segment.groups.as_slice();
    let has_odd_join = groups.windows(2).any(|pair| match pair {
        [before, after] => match after.separator {
            Separator::Colon => true,
            Separator::Dot => before.digits.len() < 3 || after.digits.len() < 3,
            Separator::Nothing | Separator::Space | Separator::Hyphen => false,
        },
        _ => false,
    });
    if groups.len() > MOST_GROUPS || has_odd_join {
        return Err(Reason::NotANumber);
    }
    if !segment.has_plus
        && segment.extension.is_none()
        && let Some(found) = with_hyphened_extension(groups)?
    {
        return Ok(vec![found]);
    }
    the_only_reading(groups, segment.has_plus)
}

/// `0571-87654321-801`: a landline with an extension behind the last hyphen.
fn with_hyphened_extension(groups: &[Group]) -> Result<Option<Found>, Reason> {
    let Some((last, before)) = groups.split_last() else {
        return Ok(None);
    };
    if last.separator != Separator::Hyphen || last.digits.len() > 6 {
        return Ok(None);
    }
    let line = joined(before);
    let found = || {
        let found = form(&line, before.len()).map(|found| Found {
            extension: Some(last.digits.clone()),
            ..found
        });
        Ok(found)
    };
    match before {
        [area, local] if is_area_code(&area.digits) && is_landline(&line) && local.digits.len() >= 7 => found(),
        [_] if is_landline(&line) || is_local(&line) => {
            if form(&joined(groups), groups.len()).is_some() {
                Err(Reason::Ambiguous)
            } else {
                found()
            }
        }
        _ => Ok(None),
    }
}

/// Cuts the groups into whole numbers, if there is exactly one way to do so.
fn the_only_reading(groups: &[Group], has_plus: bool) -> Result<Vec<Found>, Reason> {
    let run = |from: usize, to: usize| {
        let digits = joined(groups.get(from..to).unwrap_or_default());
        if has_plus && from == 0 {
            international(&digits)
        } else {
            form(&digits, to - from)
        }
    };
    // ways[i]: in how many ways (0, 1, many) the groups from i on are whole numbers; cuts[i]: where the first of them ends.
    let mut ways = vec![0_u8; groups.len()];
    ways.push(1);
    let mut cuts = vec![0; groups.len()];
    for from in (0..groups.len()).rev() {
        for to in from + 1..=groups.len() {
            let rest = ways.get(to).copied().unwrap_or(0);
            if rest > 0
                && run(from, to).is_some()
                && let (Some(way), Some(cut)) = (ways.get_mut(from), cuts.get_mut(from))
            {
                *way = way.saturating_add(rest).min(2);
                *cut = to;
            }
        }
    }
    match ways.first() {
        Some(1) => {}
        Some(0) | None => return Err(complaint(&joined(groups))),
        Some(_) => return Err(Reason::Ambiguous),
    }
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(&to) = cuts.get(from) {
        found.extend(run(from, to));
        from = to;
    }
    Ok(found)
}

/// One bad number must not take a good one beside it along: groups that are whole numbers alone stay, provided that
/// what lies between them looks like numbers of its own and not like a lost digit.
fn salvage(segment: &Segment, reason: Reason, cleaned: &mut Cleaned) {
    let is_whole = |group: &Group| is_mobile(&group.digits) || is_landline(&group.digits);
    let runs: Vec<&[Group]> = segment.groups.chunk_by(|a, b| !is_whole(a) && !is_whole(b)).collect();
    let is_safe = reason != Reason::Ambiguous
        && runs.len() > 1
        && runs.iter().all(|run| joined(run).len() >= SHORTEST_ATTEMPT)
        && segment
            .groups
            .iter()
            .skip(1)
            .all(|group| group.separator == Separator::Space);
    if !is_safe {
        return refuse(&segment.groups, reason, cleaned);
    }
    for run in runs {
        match the_only_reading(run, false) {
            Ok(mut found) => cleaned.found.append(&mut found),
            Err(reason) => refuse(run, reason, cleaned),
        }
    }
}

fn refuse(groups: &[Group], reason: Reason, cleaned: &mut Cleaned) {
    cleaned.refused.push((joined(groups), reason));
}

fn joined(groups: &[Group]) -> String {
    groups.iter().map(|group| group.digits.as_str()).collect()
}

/// The number that `digits`, written in so many groups, are; `None` if they are none.
fn form(digits: &str, groups: usize) -> Option<Found> {
    if let Some(rest) = digits.strip_prefix("0086").or_else(|| digits.strip_prefix("86"))
        && (is_mobile(rest) || is_landline(rest))
    {
        return national(rest);
    }
    let doubt = match digits {
        _ if is_mobile(digits) || is_landline(digits) => return national(digits),
        _ if is_service(digits, groups) => Doubt::ServiceNumber,
        _ if is_local(digits) && groups <= 2 => Doubt::NoAreaCode,
        _ => return None,
    };
    found(digits.to_owned(), Some(doubt))
}

/// The number that `digits` behind a `+` are.
fn international(digits: &str) -> Option<Found> {
    match digits.strip_prefix("86") {
        Some(rest) if is_mobile(rest) || is_landline(rest) => national(rest),
        Some(rest) if is_landline(&format!("0{rest}")) => found(format!("+{digits}"), None),
        Some(_) => None,
        None if (7..=15).contains(&digits.len()) && !digits.starts_with('0') => {
            found(format!("+{digits}"), Some(Doubt::International))
        }
        None => None,
    }
}

fn national(digits: &str) -> Option<Found> {
    let doubt = if looks_made_up(digits) {
        Some(Doubt::Placeholder)
    } else if is_mobile(digits) && !is_allocated(digits) {
        Some(Doubt::UnallocatedPrefix)
    } else {
        None
    };
    found(digits.to_owned(), doubt)
}

fn found(number: String, doubt: Option<Doubt>) -> Option<Found> {
    Number::parse(&number).ok().map(|number| Found {
        number,
        extension: None,
        note: None,
        doubt,
    })
}

/// A range that the ministry has given out (state of 2023; satellite ranges included).
fn is_allocated(mobile: &str) -> bool {
    match mobile.as_bytes() {
        [_, b'3' | b'8', ..] => true,
        [_, b'4', third, ..] => *third >= b'5',
        [_, b'5', third, ..] => *third != b'4',
        [_, b'6', third, ..] => matches!(third, b'1' | b'2' | b'5'..=b'7'),
        [_, b'7', third, ..] => *third <= b'8',
        [_, b'9', third, ..] => *third != b'4',
        _ => false,
    }
}

/// Numbers that people type when a form insists on one, or that have lost their digits on the way.
fn looks_made_up(digits: &str) -> bool {
    let mut behind = digits.bytes().rev();
    let last = behind.next();
    let repeated = 1 + behind.take_while(|&b| Some(b) == last).count();
    repeated >= 7 || digits.ends_with("000000") || digits == "13800138000" || digits.ends_with("12345678")
}

fn is_service(digits: &str, groups: usize) -> bool {
    match digits.as_bytes() {
        [b'4' | b'8', b'0', b'0', rest @ ..] => rest.len() == 7,
        [b'9', b'5' | b'6', rest @ ..] => matches!(rest.len(), 3 | 4) && groups == 1,
        [b'1', b'0' | b'2', rest @ ..] => rest.len() == 3 && groups == 1,
        _ => false,
    }
}

fn complaint(digits: &str) -> Reason {
    let rest = digits
        .strip_prefix("0086")
        .or_else(|| digits.strip_prefix("86"))
        .unwrap_or(digits);
    let starts_as_mobile = |digits: &str| matches!(digits.as_bytes(), [b'1', b'3'..=b'9', ..]);
    let length = |digits: &str| u32::try_from(digits.len()).unwrap_or(u32::MAX);
    if digits.strip_prefix('0').is_some_and(is_mobile) {
        Reason::ZeroBeforeMobile
    } else if starts_as_mobile(rest) {
        Reason::MobileLength(length(rest))
    } else if digits.len() == 3 && digits.starts_with('1') {
        Reason::ShortCode
    } else if digits.starts_with("00") && digits.bytes().any(|b| b != b'0') {
        Reason::WithoutPlus
    } else {
        Reason::UnknownForm(length(digits))
    }
}
