//! "Did you mean": the nearest of the words that would have been right.

/// The candidate that is nearest to a misspelt word, if any is near enough to be meant: half of its letters may be
/// wrong, three at most.
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let limit = (word.chars().count() / 2).clamp(1, 3);
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many letters must be inserted, left out or replaced (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (down, letter) in from.chars().enumerate() {
        let mut previous = down + 1;
        let mut next = vec![previous];
        for ((above, pair), other) in row.iter().zip(row.iter().skip(1)).zip(&to) {
            let replaced = above + usize::from(letter != *other);
            previous = replaced.min(pair + 1).min(previous + 1);
            next.push(previous);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}
