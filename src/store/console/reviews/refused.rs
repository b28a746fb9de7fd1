//! Why a call may not be judged that way.

use crate::store::console::scorecards::Fault;

/// Why judging was refused; nothing was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No such scorecard.
    #[error("there is no scorecard {id}")]
    NoScorecard {
        /// Its row.
        id: i64,
    },
    /// A published version never changes.
    #[error("this version is published and never changes; begin a new version")]
    Published,
    /// Calls are judged by published scorecards only.
    #[error("this version of the scorecard is a draft; publish it first")]
    Unpublished,
    /// What was given has faults.
    #[error("{} faults: {}", .faults.len(), said(.faults))]
    Faulty {
        /// All of them.
        faults: Vec<Fault>,
    },
    /// No such sample.
    #[error("there is no sample {id}")]
    NoSample {
        /// Its row.
        id: i64,
    },
    /// There is nothing to draw from.
    #[error("there is no answered call with a recording in this campaign and period; choose another period")]
    NoCalls,
    /// Too many calls to draw from.
    #[error("there are more than 200000 calls in this period; choose a shorter one")]
    TooMany,
    /// No such review.
    #[error("there is no review {id}")]
    NoReview {
        /// Its row.
        id: i64,
    },
    /// A signed review never changes.
    #[error("this review is signed and never changes; an appeal or a second opinion may follow it")]
    Signed,
    /// Only a signed review can be appealed or judged again.
    #[error("this review is not signed yet")]
    Unsigned,
    /// It is somebody else's.
    #[error("this review is {reviewer}'s; nobody else changes or signs it")]
    NotYours {
        /// Whose.
        reviewer: String,
    },
    /// Nobody has it yet.
    #[error("claim this review first")]
    Unclaimed,
    /// Somebody has it already.
    #[error("{reviewer} has claimed this review already")]
    Claimed {
        /// Who.
        reviewer: String,
    },
    /// The first reviewer never gives the second opinion, and nobody judges a call twice by one scorecard.
    #[error("{who} has judged this call already; a second opinion is another person's")]
    SamePerson {
        /// Who.
        who: String,
    },
    /// A second opinion is not judged again.
    #[error("this is a second opinion itself; only a first review can be appealed or judged again")]
    NotFirst,
    /// No such reviewer.
    #[error("there is no reviewer {id}; expected the account of a person who judges calls")]
    NoReviewer {
        /// The account.
        id: i64,
    },
    /// There is nothing to correct.
    #[error("this call has no answer to the question {question:?}")]
    NoAnswer {
        /// The question.
        question: String,
    },
    /// The corrected answer is not one that the question can have.
    #[error("{value} is not on the scale of this question; expected {expected}")]
    NotOnScale {
        /// What was given.
        value: i64,
        /// What can be.
        expected: String,
    },
    /// It says what stands there already.
    #[error("the answer says this already")]
    NoChange,
}

fn said(faults: &[Fault]) -> String {
    let each = faults.iter().map(|fault| format!("{}: {}", fault.place, fault.en));
    each.collect::<Vec<_>>().join("; ")
}
