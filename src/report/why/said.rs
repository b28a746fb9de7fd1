//! The answer: for each follow-up one sentence, made of what happened, what is next and what keeps the house from it.

use chrono_tz::Tz;
use serde::Serialize;

use crate::calendar;
use crate::dialer::Direction;
use crate::dialer::claim::Why;
use crate::moment::Wall;
use crate::outcome::Language;

use super::facts::{AttemptFacts, CampaignStanding, CaseFacts, Known, PatientFacts, VisitFacts};
use super::situation::{Situation, is_held_up, situation};
use super::{said_en, said_zh};

/// What is answered about a patient.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// One sentence where there is no follow-up at all.
    pub sentence: Option<String>,
    /// The patient.
    pub patient: PatientFacts,
    /// Each follow-up.
    pub cases: Vec<CaseAnswer>,
    /// Visits that no campaign has a follow-up of.
    pub visits: Vec<VisitFacts>,
}

/// What is answered about one follow-up.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CaseAnswer {
    /// One sentence.
    pub sentence: String,
    /// What it rests on.
    #[serde(flatten)]
    pub facts: CaseFacts,
}

/// Answers about a patient, in the time of this zone.
pub fn answer(known: Known, zone: Tz, language: Language) -> Answer {
    let Known { patient, cases, visits } = known;
    let no_case = match language {
        Language::Zh => said_zh::no_case(&visits, zone),
        Language::En => said_en::no_case(&visits, zone),
    };
    Answer {
        sentence: cases.is_empty().then_some(no_case),
        patient,
        cases: cases
            .into_iter()
            .map(|facts| CaseAnswer {
                sentence: sentence(&facts, zone, language),
                facts,
            })
            .collect(),
        visits,
    }
}

/// Why this follow-up was called or not, and what comes next, in one sentence.
pub fn sentence(case: &CaseFacts, zone: Tz, language: Language) -> String {
    let teller = Teller { case, zone };
    let now = situation(case);
    match language {
        Language::Zh => {
            let said = said_zh::said(&teller, now);
            match keeps(case, now).map(|bar| said_zh::bar(&teller, bar)) {
                Some(bar) => format!("{said}；但{bar}。"),
                None => format!("{said}。"),
            }
        }
        Language::En => {
            let said = said_en::said(&teller, now);
            match keeps(case, now).map(|bar| said_en::bar(&teller, bar)) {
                Some(bar) => format!("{said}; but {bar}."),
                None => format!("{said}."),
            }
        }
    }
}

/// A reason in the users' words of a language.
pub fn words(why: Why, language: Language) -> &'static str {
    match language {
        Language::Zh => why.zh(),
        Language::En => said_en::reason(why),
    }
}

/// What keeps an open case from being called, beside what stands against itself.
#[derive(Clone, Copy, Debug)]
pub(super) enum Keeps<'f> {
    Campaign(CampaignStanding),
    House(&'f super::facts::Bar),
}

/// The first thing that keeps it, where that matters: a person's word before a fault of the house.
fn keeps<'f>(case: &'f CaseFacts, now: Situation<'_>) -> Option<Keeps<'f>> {
    match now {
        Situation::Closed(_) | Situation::Calling(_) | Situation::WillClose { .. } => None,
        Situation::Leased
        | Situation::Held { .. }
        | Situation::Appointed { .. }
        | Situation::Waits { .. }
        | Situation::WindowClosed { .. }
        | Situation::Due { .. }
        | Situation::Open => {
            let standing = case.present.campaign;
            if is_held_up(standing) {
                Some(Keeps::Campaign(standing))
            } else {
                case.present.bars.first().map(Keeps::House)
            }
        }
    }
}

/// A case and the zone in which its times are told.
pub(super) struct Teller<'f> {
    pub(super) case: &'f CaseFacts,
    zone: Tz,
}

impl Teller<'_> {
    /// A time as people read it.
    pub(super) fn at(&self, wall: Wall) -> String {
        local(wall, self.zone)
    }

    /// The attempts that are calls of ours.
    pub(super) fn ours(&self) -> impl Iterator<Item = &AttemptFacts> {
        let attempts = self.case.attempts.iter();
        attempts.filter(|attempt| attempt.direction == Direction::Out)
    }
}

/// A time as people read it, to the minute.
pub(super) fn local(wall: Wall, zone: Tz) -> String {
    calendar::local(wall, zone).format("%Y-%m-%d %H:%M").to_string()
}
