//! What the pages of the console read and write, a file for each page.

pub mod accounts;
pub mod audit;
pub mod integrity;
pub mod calls;
pub mod comments;
pub mod corrections;
mod index;
pub mod lines;
pub mod listening;
pub mod reviews;
pub mod samples;
pub mod scorecards;
pub mod sessions;
pub mod timeline;
mod visible;

pub use index::LOW;
#[cfg(test)]
pub(super) use index::{FLAGS, ROWS};
pub(super) use index::{bring_forward, weigh, write};
pub use visible::Visible;
