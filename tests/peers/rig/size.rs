//! How large a proof runs: small beside the other tests, whole by scripts/proof.

/// How many calls, messages or races: the small number, or the whole one when the environment says `PROOF=whole`.
pub(crate) fn of(small: usize, whole: usize) -> usize {
    match std::env::var("PROOF").as_deref() {
        Ok("whole") => whole,
        Ok(other) => panic!("PROOF={other}: expected PROOF=whole, or nothing for the small size"),
        Err(_) => small,
    }
}
