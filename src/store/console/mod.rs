//! What the pages of the console read and write, a file for each page.

pub mod accounts;
pub mod answered;
pub mod audit;
pub mod board;
pub mod call_backs;
pub mod calls;
pub mod comments;
pub mod corrections;
pub mod desk;
pub mod do_not_call;
pub mod imports;
mod index;
pub mod integrity;
pub mod lines;
pub mod listening;
pub mod offline;
pub mod patient;
pub mod patients;
pub mod repair;
pub mod reviews;
pub mod samples;
pub mod scorecards;
pub mod sessions;
pub mod tickets;
pub mod timeline;
mod visible;
mod wall;

pub use index::LOW;
#[cfg(test)]
pub(super) use index::{BEGUN, FLAGS, ROWS};
pub(super) use index::{ENDED, bring_forward, weigh, write, write_ended};
pub use visible::Visible;
