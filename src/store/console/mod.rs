//! What the pages of the console read and write, a file for each page.

pub mod accounts;
pub mod audit;
pub mod corrections;
pub mod reviews;
pub mod samples;
pub mod scorecards;
pub mod sessions;
mod visible;

pub use visible::Visible;
