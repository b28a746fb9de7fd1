//! The store on real SQLite files: leases, attempts, answers, imports, crashes, reports.

#![expect(clippy::unwrap_used, reason = "what the fixture cannot do ends the test")]

mod fixture;
mod forgotten;

mod agents;
mod answered;
mod attempts;
mod audit;
mod backups;
mod call_backs;
mod calling_in;
mod claims;
mod control;
mod deletions;
mod exports;
mod full_disk;
mod guards;
mod handing_on;
mod home;
mod imports;
mod journal;
mod judging;
mod left_overs;
mod limits;
mod locks;
mod offline;
mod opening;
mod patients;
mod populated;
mod prospects;
mod recordings;
mod recovery;
mod replay;
mod reports;
mod rules;
mod spoken;
mod steering;
mod tallies;
mod views;
mod waiting;
mod why;
mod wrap_up;
