//! What the pages of the console read and write, a file for each page.

pub mod accounts;
pub mod answered;
pub mod audit;
pub mod board;
pub mod sessions;
mod visible;

pub use visible::Visible;
