//! Lists of spans of one day: in order, neither touching nor overlapping.

use super::WindowsError;
use crate::calendar::Span;

/// A whole day.
pub(super) const WHOLE_DAY: &[Span] = &[match Span::new(0, 24 * 60) {
    Some(day) => day,
    None => panic!("a day has 1440 minutes"),
}];

/// Brings spans into order; those that touch become one.
pub(super) fn join(mut spans: Vec<Span>) -> Result<Vec<Span>, WindowsError> {
    spans.sort_unstable();
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.from() < last.to() => return Err(WindowsError::Overlap(*last, span)),
            Some(last) if span.from() == last.to() => *last = Span::new(last.from(), span.to()).unwrap_or(*last),
            Some(_) | None => joined.push(span),
        }
    }
    Ok(joined)
}

/// What is left of a day without these spans, which are joined.
pub(super) fn outside(spans: &[Span]) -> Vec<Span> {
    let starts = std::iter::once(0).chain(spans.iter().map(|span| span.to()));
    let ends = spans.iter().map(|span| span.from()).chain(std::iter::once(24 * 60));
    starts.zip(ends).filter_map(|(from, to)| Span::new(from, to)).collect()
}

/// The time that two lists share, in order.
pub(super) fn common(
    ours: impl Iterator<Item = Span>,
    theirs: impl Iterator<Item = Span>,
) -> impl Iterator<Item = Span> {
    let (mut ours, mut theirs) = (ours.peekable(), theirs.peekable());
    std::iter::from_fn(move || {
        loop {
            let (one, other) = (*ours.peek()?, *theirs.peek()?);
            if one.to() < other.to() {
                ours.next();
            } else {
                theirs.next();
            }
            let both = Span::new(one.from().max(other.from()), one.to().min(other.to()));
            if both.is_some() {
                return both;
            }
        }
    })
}
