//! Why somebody was called, or not: one sentence for each follow-up of a patient, and the facts under it.
//!
//! [`facts`] is plain data; [`situation`] finds in it what stands between the present and the next call; [`sentence`] says
//! it in Chinese or English, [`facts_under`] lists what it rests on. None of them reads anything: [`of`] does, once.

mod chain;
mod facts;
mod gather;
mod said;
mod said_en;
mod said_zh;
mod situation;
#[cfg(test)]
mod tests;
mod under;

pub use chain::{Link, LinkFact, LinkKind, Sentence, chain, told};
pub use facts::{
    AttemptFacts, Bar, CampaignStanding, CaseFacts, Closed, DecisionFacts, Known, ListedFacts, NumberFacts,
    PatientFacts, Present, RuleFacts, StateFacts, VisitFacts,
};
pub use gather::{House, Plan, of, of_patient};
pub use said::{Answer, CaseAnswer, answer, sentence, words};
pub use situation::{Situation, situation};
pub use under::facts_under;
