//! Discharges that a rule set follows up: what each of them is, and the cases that its rules make of it.

use std::collections::BTreeMap;

use rand_chacha::ChaCha8Rng;

use super::chance::{below, weighted};
use crate::calendar::Schedule;
use crate::ids::CampaignId;
use crate::moment::Wall;
use crate::rules::{Base, Decided, Event, FollowUp, RuleSet, Sample, Stretch, Switches, Value, draw};

/// The rules by which made-up discharges are followed up.
#[derive(Clone, Debug)]
pub struct FollowUps {
    /// The rules.
    pub rules: RuleSet,
    /// When which switch is on.
    pub switches: Switches,
    /// The campaigns that run, by the names that the rules give them; follow-ups of others are left out.
    pub campaigns: BTreeMap<String, CampaignId>,
}

/// A follow-up of one of the events.
#[derive(Clone, Debug)]
pub(super) struct Due {
    /// Which event, by its place.
    pub(super) event: usize,
    pub(super) campaign: CampaignId,
    pub(super) follow_up: FollowUp,
}

impl FollowUps {
    /// What becomes of all events together: what is followed up at once, and what the samples draw when their periods
    /// have ended.
    pub(super) fn of(&self, events: &[Event], schedule: &Schedule) -> Vec<Due> {
        let (zone, calendar) = (schedule.zone, &schedule.calendar);
        let mut due = Vec::new();
        let mut bases: BTreeMap<(String, Stretch), Vec<(Base, usize)>> = BTreeMap::new();
        for (place, event) in events.iter().enumerate() {
            for verdict in self.rules.follow_ups(event, &self.switches, zone, calendar) {
                if let Decided::Waits { stratum, period } = verdict.decided {
                    let visit = format!("V{place:08}");
                    let base = bases.entry((verdict.rule, period)).or_default();
                    base.push((Base { visit, stratum }, place));
                } else {
                    due.extend(self.due(place, verdict.decided));
                }
            }
        }
        for ((rule, _), base) in bases {
            let Some(sample) = self.rules.rule(&rule).and_then(|rule| rule.sample.as_ref()) else {
                continue;
            };
            for (place, role) in drawn(&base, sample) {
                let Some(event) = events.get(place) else { continue };
                let verdicts = self.rules.chosen(&rule, event, role, &self.switches, zone, calendar);
                due.extend(
                    verdicts
                        .into_iter()
                        .filter_map(|verdict| self.due(place, verdict.decided)),
                );
            }
        }
        due
    }

    fn due(&self, event: usize, decided: Decided) -> Option<Due> {
        let Decided::Followed(follow_up) = decided else {
            return None;
        };
        let campaign = *self.campaigns.get(&follow_up.campaign)?;
        Some(Due {
            event,
            campaign,
            follow_up,
        })
    }
}

/// The places of the events that a sample draws, with who follows them up.
fn drawn(base: &[(Base, usize)], sample: &Sample) -> Vec<(usize, Option<String>)> {
    let bases: Vec<Base> = base.iter().map(|(base, _)| base.clone()).collect();
    let places: BTreeMap<&str, usize> = base.iter().map(|(base, place)| (base.visit.as_str(), *place)).collect();
    let chosen = draw(&bases, sample).chosen;
    chosen
        .into_iter()
        .filter_map(|one| Some((*places.get(one.visit.as_str())?, one.role)))
        .collect()
}

/// Departments of a general hospital, with how many of a hundred stays are theirs.
const DEPARTMENTS: &[(&str, u32)] = &[
    ("心内科", 14),
    ("骨科", 13),
    ("普外科", 12),
    ("神经内科", 11),
    ("妇产科", 11),
    ("呼吸内科", 10),
    ("儿科", 9),
    ("内分泌科", 8),
    ("肿瘤科", 7),
    ("泌尿外科", 5),
];
const DIAGNOSES: &[(&str, u32)] = &[
    ("高血压", 16),
    ("2型糖尿病", 13),
    ("冠心病", 12),
    ("肺炎", 12),
    ("骨折", 11),
    ("脑梗死", 10),
    ("胆囊结石", 9),
    ("恶性肿瘤", 7),
    ("分娩", 6),
    ("其他", 4),
];
const PAYERS: &[(&str, u32)] = &[
    ("城镇职工医保", 46),
    ("城乡居民医保", 40),
    ("自费", 11),
    ("商业保险", 3),
];

/// A made-up discharge, with what lists tell of it.
pub(super) fn discharge(patient: u32, at: Wall, chance: &mut ChaCha8Rng) -> Event {
    let text = |value: String| Value::Text(value);
    let one = |chance: &mut ChaCha8Rng, of: &'static [(&'static str, u32)]| {
        weighted(chance, of.iter().copied()).unwrap_or("其他").to_owned()
    };
    let stay = 1 + below(chance, 14);
    let cost = 1_500 + stay * (600 + below(chance, 1_900));
    let attributes = [
        ("visit_no", text(format!("V{patient:08}"))),
        ("department", text(one(chance, DEPARTMENTS))),
        ("diagnosis", text(one(chance, DIAGNOSES))),
        ("payer", text(one(chance, PAYERS))),
        ("doctor", text(format!("医生{:02}", below(chance, 60)))),
        ("sex", text(if below(chance, 2) == 0 { "男" } else { "女" }.to_owned())),
        ("age", Value::Number(f64::from(age(chance)))),
        ("stay_days", Value::Number(f64::from(stay))),
        ("cost", Value::Number(f64::from(cost))),
    ];
    Event {
        kind: "discharge".to_owned(),
        at,
        attributes: attributes.map(|(name, value)| (name.to_owned(), value)).into(),
    }
}

/// In years: hospitals see the old more often.
fn age(chance: &mut ChaCha8Rng) -> u32 {
    below(chance, 96).max(below(chance, 96))
}
