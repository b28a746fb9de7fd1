//! What the rules of a set say of one event.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, NaiveDateTime};
use chrono_tz::Tz;

use crate::calendar::{WorkCalendar, local, wall};
use crate::moment::Wall;

use super::series::rounds;
use super::{Decided, Event, FollowUp, On, Rule, RuleSet, Switches, Times, Value, Verdict};

impl RuleSet {
    /// One verdict for each rule, and one for each round of a rule that makes a series. Several rules may follow up one
    /// event; where two of them want the same round of the same campaign, the first of the file has it.
    pub fn follow_ups(&self, event: &Event, switches: &Switches, zone: Tz, calendar: &WorkCalendar) -> Vec<Verdict> {
        let kind = self.kind_of(event);
        let at = self.time_of(event, zone);
        let mut verdicts = Vec::new();
        for rule in &self.rules {
            let decided = match self.matches(rule, &kind, at, event, zone) {
                Err(decided) => vec![decided],
                Ok(()) => match waits(rule, event, at, zone) {
                    Some(waits) => vec![waits],
                    None => rule.follow(event, at, None, switches, zone, calendar),
                },
            };
            verdicts.extend(decided.into_iter().map(|decided| Verdict {
                rule: rule.name.clone(),
                decided,
            }));
        }
        give_each_round_once(&mut verdicts);
        verdicts
    }

    /// What a rule says of an event that its sample drew: the follow-up's times count from the end of the period, for
    /// before that nobody knew of it.
    pub fn chosen(
        &self,
        rule: &str,
        event: &Event,
        role: Option<String>,
        switches: &Switches,
        zone: Tz,
        calendar: &WorkCalendar,
    ) -> Vec<Verdict> {
        let Some(rule) = self.rule(rule) else { return Vec::new() };
        let at = self.time_of(event, zone);
        let from = rule
            .sample
            .as_ref()
            .map_or(at, |sample| sample.period.of(at, zone).until);
        let decided = rule.follow(event, from, role, switches, zone, calendar);
        decided
            .into_iter()
            .map(|decided| Verdict {
                rule: rule.name.clone(),
                decided,
            })
            .collect()
    }

    /// What happened, after the words of the list have been read.
    pub fn kind_of(&self, event: &Event) -> String {
        let word = self
            .events
            .column
            .as_ref()
            .and_then(|column| event.attributes.get(column));
        let word = word.map(|word| word.to_string().trim().to_owned());
        let kind = word.as_ref().and_then(|word| self.events.words.get(word));
        kind.unwrap_or(&event.kind).clone()
    }

    /// When it happened.
    pub fn time_of(&self, event: &Event, zone: Tz) -> Wall {
        let told = self
            .events
            .time
            .as_ref()
            .and_then(|column| event.attributes.get(column));
        told.and_then(Value::date).map_or(event.at, |date| wall(date, zone))
    }

    fn matches(&self, rule: &Rule, kind: &str, at: Wall, event: &Event, zone: Tz) -> Result<(), Decided> {
        if !rule.events.iter().any(|wanted| wanted == kind) {
            return Err(Decided::OtherEvent { kind: kind.to_owned() });
        }
        if let Some(since) = self.since.filter(|since| local(at, zone).date() < *since) {
            return Err(Decided::TooEarly {
                since: since.to_string(),
            });
        }
        let misses = rule.when.iter().map(|condition| condition.check(&event.attributes));
        misses.collect::<Result<(), _>>().map_err(Decided::NotMatched)
    }
}

/// Key classes wait for no draw.
fn waits(rule: &Rule, event: &Event, at: Wall, zone: Tz) -> Option<Decided> {
    let sample = rule.sample.as_ref()?;
    let is_key = sample
        .census
        .as_ref()
        .is_some_and(|key| key.check(&event.attributes).is_ok());
    (!is_key).then(|| Decided::Waits {
        stratum: sample.stratum(&event.attributes),
        period: sample.period.of(at, zone),
    })
}

impl Rule {
    fn follow(
        &self,
        event: &Event,
        at: Wall,
        role: Option<String>,
        switches: &Switches,
        zone: Tz,
        calendar: &WorkCalendar,
    ) -> Vec<Decided> {
        let anchor = match &self.from {
            None => at,
            Some(attribute) => match self.anchor(event.attributes.get(attribute), at, zone) {
                Some(anchor) => anchor,
                None => {
                    return vec![Decided::NoDate {
                        attribute: attribute.clone(),
                    }];
                }
            },
        };
        let area = event.attributes.get("area").map(ToString::to_string);
        let times = self.times_now(switches, at, area.as_deref());
        let numbers = self.round..=u16::MAX;
        rounds(times, self.series, anchor, zone, calendar)
            .into_iter()
            .zip(numbers)
            .map(|((due, deadline), round)| {
                Decided::Followed(FollowUp {
                    campaign: self.campaign.clone(),
                    due: self
                        .at
                        .map_or(due, |time| wall(local(due, zone).date().and_time(time), zone)),
                    deadline,
                    priority: self.priority,
                    round,
                    per: self.per,
                    role: role.clone(),
                })
            })
            .collect()
    }

    fn anchor(&self, value: Option<&Value>, at: Wall, zone: Tz) -> Option<Wall> {
        let date = value.and_then(Value::date)?;
        Some(match self.on {
            On::Date => wall(date, zone),
            On::Anniversary => wall(next_return(date, local(at, zone).date())?, zone),
        })
    }

    fn times_now(&self, switches: &Switches, at: Wall, area: Option<&str>) -> Times {
        let on = self.switches.iter().find(|(name, _)| switches.is_on(name, at, area));
        let Some((_, other)) = on else { return self.times };
        Times {
            due: other.due.unwrap_or(self.times.due),
            deadline: other.deadline.or(self.times.deadline),
        }
    }
}

/// The first day after `after` with the month and day of a date; who was born on a leap day is greeted on 28 February.
fn next_return(date: NaiveDateTime, after: NaiveDate) -> Option<NaiveDateTime> {
    let years = after.year()..=after.year() + 1;
    let returns = years.filter_map(|year| {
        let day = date.date();
        day.with_year(year).or_else(|| NaiveDate::from_ymd_opt(year, 2, 28))
    });
    let next = returns.into_iter().find(|day| *day > after)?;
    Some(next.and_time(date.time()))
}

/// Without a deadline a follow-up is too late so many days after it was due: old lists are not called through.
const LATE_DAYS: u64 = 30;

impl Verdict {
    /// The same verdict when it is taken at `now`: what can no longer be done in time is not begun.
    #[must_use]
    pub fn taken_at(self, now: Wall) -> Self {
        let Decided::Followed(follow_up) = &self.decided else {
            return self;
        };
        let late = std::time::Duration::from_secs(LATE_DAYS * 86_400);
        let until = follow_up.deadline.unwrap_or(follow_up.due + late);
        if now < until {
            return self;
        }
        Self {
            decided: Decided::TooLate { until },
            ..self
        }
    }
}

fn give_each_round_once(verdicts: &mut [Verdict]) {
    let mut given: BTreeMap<(String, u16), String> = BTreeMap::new();
    for verdict in verdicts {
        let Decided::Followed(follow_up) = &verdict.decided else {
            continue;
        };
        let place = (follow_up.campaign.clone(), follow_up.round);
        match given.get(&place) {
            Some(by) => verdict.decided = Decided::Taken { by: by.clone() },
            None => {
                given.insert(place, verdict.rule.clone());
            }
        }
    }
}
