//! The store on real SQLite files: leases, attempts, answers, imports, crashes, reports.

mod fixture;

mod attempts;
mod claims;
mod control;
mod imports;
mod opening;
mod recovery;
mod views;
