//! What the pages of the console read and write, a file for each page.

pub mod accounts;
pub mod answered;
pub mod audit;
pub mod integrity;
pub mod calls;
pub mod comments;
mod index;
pub mod lines;
pub mod listening;
pub mod sessions;
pub mod timeline;
mod visible;

pub use index::LOW;
pub(super) use index::{FLAGS, ROWS, bring_forward, weigh, write};
pub use visible::Visible;
