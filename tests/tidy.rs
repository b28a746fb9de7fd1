//! The house rules as tests: layering, words, sizes, names, and what may not be in the tree.
//!
//! Every failure names file and line and says what to do. The reader is line-based and modest: it blanks comments and
//! literals, takes paths apart, and knows nothing of macros; what it cannot see, the compiler sees when it builds the
//! library without the `shell` feature.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a tree that cannot be read fails the test"
)]

#[path = "tidy/layers.rs"]
mod layers;
#[path = "tidy/names.rs"]
mod names;
#[path = "tidy/paths.rs"]
mod paths;
#[path = "tidy/service.rs"]
mod service;
#[path = "tidy/sizes.rs"]
mod sizes;
#[path = "tidy/source.rs"]
mod source;
#[path = "tidy/tracked.rs"]
mod tracked;
#[path = "tidy/words.rs"]
mod words;

/// Fails with all faults, one a line.
fn report(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}
