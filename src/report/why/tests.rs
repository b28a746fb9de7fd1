//! Golden sentences: each situation in both languages.
