//! What the pages of the console read and write, a file for each page.

pub mod accounts;
pub mod answered;
pub mod audit;
pub mod do_not_call;
pub mod patient;
pub mod patients;
pub mod repair;
pub mod sessions;
mod visible;
mod wall;

pub use visible::Visible;
