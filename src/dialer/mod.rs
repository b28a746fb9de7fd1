//! Whom to call and when: the queue, its pace, the checks of a claim, the retry rule.
//!
//! [`claim`] holds the checks and the order by which the store hands out due cases; the types here are also the words
//! that the control loop and the store speak to each other in.

pub mod claim;
mod ledger;

pub use ledger::{
    Begin, BeginTest, Begun, Candidate, Claim, Claimed, Finish, Keep, MediaSums, Next, Outcome, PressedKey, Recording,
    Release, Reply, Request,
};
