//! Ten real rule sets as golden nights: people and rules in (`tests/fixtures/nights/*.toml`), the whole plan out (`*.txt`
//! beside it), to be read by people. A change of a rule, of the dialer or of the calendar shows as a difference of the text;
//! `AFTERCALL_GOLDEN=write cargo test --test sim golden` writes the texts anew, and then they are read again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aftercall::calendar::{DEFAULT_ZONE, Hours, WorkCalendar, local, wall};
use aftercall::config::CampaignFile;
use aftercall::dialer::claim::Checked;
use aftercall::dialer::{Callers, Campaign, Listed, Owner, Pace, PatientState, TrunkCaps};
use aftercall::ids::{CampaignId, CaseId, NumberId, PatientId, TrunkId};
use aftercall::moment::Wall;
use aftercall::night::forecast::{
    Behaviours, Forecast, Listing, NumberState, Opening, Outlook, Person, Population, Setup, Telephone, Trunk,
};
use aftercall::outcome::{CauseTable, Disposition};
use aftercall::phone::Number;
use aftercall::rules::{
    Base, Decided, Event, FollowUp, Per, RuleSet, SwitchSpan, Switches, Value, Verdict, draw, in_chinese,
};
use chrono::{Datelike, NaiveDateTime};
use serde::Deserialize;

use crate::house::questionnaire;

/// A night as its file gives it. Times are local.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Night {
    title: String,
    /// A file of the repository, or the text of the rules themselves.
    rules: String,
    begins: String,
    until: String,
    #[serde(default = "one")]
    seed: u64,
    lines: u16,
    /// How calls end, as shares.
    shares: BTreeMap<String, u32>,
    #[serde(default)]
    switch: Vec<Switch>,
    /// The texts of the campaign files.
    campaigns: Vec<String>,
    person: Vec<Patient>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Switch {
    name: String,
    from: String,
    until: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Patient {
    /// The visit or job number.
    visit: String,
    /// Whose it is, where one patient has several.
    patient: Option<String>,
    /// In their rank; `kin 139…` is a relative's.
    numbers: Vec<String>,
    kind: String,
    at: String,
    #[serde(default)]
    attributes: BTreeMap<String, toml::Value>,
    #[serde(default)]
    states: Vec<String>,
    listed: Option<String>,
    appointment: Option<String>,
}

fn one() -> u64 {
    1
}

fn time(text: &str) -> Wall {
    let with_seconds = format!("{text}:00");
    let parsed = NaiveDateTime::parse_from_str(&with_seconds, "%Y-%m-%d %H:%M:%S");
    wall(parsed.unwrap_or_else(|error| panic!("{text}: {error}")), DEFAULT_ZONE)
}

fn shown(at: Wall) -> String {
    local(at, DEFAULT_ZONE).format("%m-%d %H:%M").to_string()
}

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A night on its way from rules to calls.
struct Plan {
    night: Night,
    rules: RuleSet,
    calendar: Arc<WorkCalendar>,
    campaigns: Vec<Campaign>,
    /// What was read: rule by rule, visit by visit.
    text: String,
    /// The visit, rule and campaign of each case.
    cases: Vec<(String, FollowUp, CampaignId)>,
}

impl Plan {
    fn read(file: &Path) -> Self {
        let text = std::fs::read_to_string(file).expect("the file of a night");
        let night: Night = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let rules = if night.rules.ends_with(".toml") {
            std::fs::read_to_string(repository(&night.rules)).expect("the rules of a night")
        } else {
            night.rules.clone()
        };
        let (rules, _) = RuleSet::parse(&rules).unwrap_or_else(|faults| panic!("{}: {faults:?}", file.display()));
        let calendar = Arc::new(WorkCalendar::shipped());
        let campaigns = (1..).zip(&night.campaigns).map(|(id, text)| {
            let (campaign, _) = CampaignFile::parse(text).unwrap_or_else(|faults| panic!("{faults:?}"));
            let schedule = campaign.schedule(DEFAULT_ZONE, Hours::Windows, &calendar);
            campaign.to_campaign(CampaignId(id), &[TrunkId(0)], questionnaire().hash(), schedule)
        });
        Self {
            campaigns: campaigns.collect(),
            text: format!("# {}\n\n## 规则 {}\n\n", night.title, rules.name),
            cases: Vec::new(),
            night,
            rules,
            calendar,
        }
    }

    /// Asks the rules about every event, and draws the samples.
    fn decide(&mut self) {
        let mut switches = Switches::none();
        for switch in &self.night.switch {
            let span = SwitchSpan {
                from: time(&switch.from),
                until: Some(time(&switch.until)),
                area: None,
            };
            switches.add(&switch.name, span);
        }
        let events: Vec<(String, Event)> = self.night.person.iter().map(event).collect();
        let mut bases: BTreeMap<(String, String), Vec<Base>> = BTreeMap::new();
        for (visit, event) in &events {
            for verdict in self.rules.follow_ups(event, &switches, DEFAULT_ZONE, &self.calendar) {
                if let Decided::Waits { stratum, period } = &verdict.decided {
                    let base = bases.entry((verdict.rule.clone(), period.name.clone())).or_default();
                    base.push(Base {
                        visit: visit.clone(),
                        stratum: stratum.clone(),
                    });
                }
                self.note(visit, verdict);
            }
        }
        for ((rule, period), base) in bases {
            let sample = self
                .rules
                .rule(&rule)
                .and_then(|rule| rule.sample.clone())
                .expect("a sample");
            let drawn = draw(&base, &sample);
            for stratum in &drawn.strata {
                let (name, share) = (&stratum.name, stratum.fraction);
                let (base, taken) = (stratum.base, stratum.taken);
                writeln!(
                    self.text,
                    "抽样 {rule} {period}：「{name}」层 {base} 件中抽 {taken} 件（{share}）"
                )
                .expect("a text takes every line");
            }
            for chosen in drawn.chosen {
                let (visit, event) = events
                    .iter()
                    .find(|(visit, _)| *visit == chosen.visit)
                    .expect("an event");
                let role = chosen.role.clone();
                let verdicts = self
                    .rules
                    .chosen(&rule, event, role, &switches, DEFAULT_ZONE, &self.calendar);
                for verdict in verdicts {
                    self.note(visit, verdict);
                }
            }
        }
    }

    fn note(&mut self, visit: &str, verdict: Verdict) {
        // Rules about other kinds of events say nothing to a reader.
        if matches!(verdict.decided, Decided::OtherEvent { .. }) {
            return;
        }
        let said = in_chinese(&verdict.decided, DEFAULT_ZONE);
        writeln!(self.text, "{visit}  {}：{said}", verdict.rule).expect("a text takes every line");
        if let Decided::Followed(follow_up) = verdict.decided {
            let known = self
                .campaigns
                .iter()
                .find(|campaign| campaign.name == follow_up.campaign);
            let campaign = known.map(|campaign| campaign.id);
            if let Some(campaign) = campaign.filter(|_| !self.has_already(visit, &follow_up)) {
                self.cases.push((visit.to_owned(), follow_up, campaign));
            }
        }
    }

    /// Of a follow-up that a patient gets once, whether he or she has it for that campaign and day.
    fn has_already(&self, visit: &str, follow_up: &FollowUp) -> bool {
        let day = |follow_up: &FollowUp| local(follow_up.due, DEFAULT_ZONE).date();
        follow_up.per == Per::Patient
            && self.cases.iter().any(|(other, known, _)| {
                known.campaign == follow_up.campaign
                    && known.round == follow_up.round
                    && day(known) == day(follow_up)
                    && self.whose(other) == self.whose(visit)
            })
    }

    fn whose<'a>(&'a self, visit: &'a str) -> &'a str {
        let person = self.night.person.iter().find(|person| person.visit == visit);
        person.and_then(|person| person.patient.as_deref()).unwrap_or(visit)
    }

    fn population(&self) -> Population {
        let mut population = Population::default();
        let mut patients: Vec<&str> = Vec::new();
        let mut count = 0;
        for person in &self.night.person {
            let whose = person.patient.as_deref().unwrap_or(&person.visit);
            if patients.contains(&whose) {
                continue;
            }
            patients.push(whose);
            let numbers = person.numbers.iter().map(|text| {
                count += 1;
                let (owner, digits) = match text.strip_prefix("kin ") {
                    Some(digits) => (Owner::Kin, digits),
                    None => (Owner::Patient, text.as_str()),
                };
                Telephone {
                    id: NumberId(count),
                    number: Number::parse(digits).expect("a number"),
                    owner,
                    state: NumberState::Good,
                }
            });
            let numbers: Vec<Telephone> = numbers.collect();
            let level = person.listed.as_deref().map(|level| match level {
                "always" => Listed::Always,
                "purpose" => Listed::Purpose,
                other => panic!("{other} is no level"),
            });
            population.do_not_call.extend(level.map(|level| Listing {
                number: numbers[0].number.clone(),
                level,
                campaign: None,
            }));
            let state = |text: &String| PatientState::parse(text).unwrap_or_else(|| panic!("{text} is no state"));
            population.patients.push(Person {
                id: PatientId(patients.len() as i64),
                numbers,
                states: person.states.iter().map(state).collect::<BTreeSet<_>>(),
            });
        }
        for (id, (visit, follow_up, campaign)) in (1..).zip(&self.cases) {
            let person = self
                .night
                .person
                .iter()
                .find(|person| person.visit == *visit)
                .expect("a person");
            let whose = person.patient.as_deref().unwrap_or(visit);
            let patient = patients.iter().position(|known| *known == whose).expect("a patient");
            population.cases.push(Opening {
                case: CaseId(id),
                campaign: *campaign,
                patient: PatientId(patient as i64 + 1),
                priority: i16::try_from(follow_up.priority).expect("a priority"),
                due: follow_up.due,
                next_at: follow_up.due,
                deadline: follow_up.deadline,
                appointment: person.appointment.as_deref().map(time),
                tried: Vec::new(),
                has_answers: false,
            });
        }
        population
    }

    fn forecast(&self) -> (Population, Outlook) {
        let caps = TrunkCaps {
            lines: self.night.lines,
            pace: Pace::per_second(1.0).expect("a pace"),
            kept_free: 0,
        };
        let trunk = Trunk {
            caps,
            callers: Callers::default(),
            causes: CauseTable::default(),
        };
        let dialplan = Arc::new(questionnaire());
        let setup = Setup {
            campaigns: self.campaigns.clone(),
            dialplans: BTreeMap::from([(dialplan.hash().to_owned(), dialplan)]),
            prompts: BTreeMap::new(),
            trunks: BTreeMap::from([(TrunkId(0), trunk)]),
            origin: time(&self.night.begins),
            seed: self.night.seed,
        };
        let share = |(name, share): (&String, &u32)| {
            let disposition = Disposition::parse(name).unwrap_or_else(|| panic!("{name} is no disposition"));
            (disposition, *share)
        };
        let shares: Vec<_> = self.night.shares.iter().map(share).collect();
        let population = self.population();
        let mut forecast =
            Forecast::new(setup, population.clone(), Behaviours::steady(&shares)).expect("a house that is whole");
        if let Err(broken) = forecast.run_until(time(&self.night.until), |_| ()) {
            panic!("{}: {broken}\n{}", self.night.title, broken.before.join("\n"));
        }
        (population, forecast.outlook())
    }

    /// The plan: what the rules say, the calls night by night, and how each case stands at the end.
    fn text(mut self) -> String {
        self.decide();
        let (population, outlook) = self.forecast();
        let digits: BTreeMap<NumberId, String> = population
            .patients
            .iter()
            .flat_map(|person| &person.numbers)
            .map(|telephone| (telephone.id, telephone.number.masked()))
            .collect();
        let visit = |case: CaseId| &self.cases[usize::try_from(case.0).expect("a case") - 1];
        let mut text = self.text.clone();
        let mut attempts = outlook.attempts.clone();
        attempts.sort_by_key(|made| (made.at, made.attempt));
        let mut day = None;
        for made in &attempts {
            let at = local(made.at, DEFAULT_ZONE);
            if day.replace(at.date()) != Some(at.date()) {
                writeln!(
                    text,
                    "\n## {} {}\n",
                    at.date(),
                    WEEKDAYS[at.weekday().num_days_from_monday() as usize]
                )
                .expect("a text takes every line");
            }
            let (visit, follow_up, _) = visit(made.case);
            writeln!(
                text,
                "{}  {visit}  {}  {}  {}",
                at.format("%H:%M:%S"),
                follow_up.campaign,
                digits[&made.number],
                made.disposition.zh()
            )
            .expect("a text takes every line");
        }
        text.push_str("\n## 结论\n\n");
        for seen in &outlook.cases {
            let (visit, follow_up, _) = visit(seen.case);
            let stands = match (seen.outcome, seen.last) {
                (Some(outcome), _) => outcome.zh().to_owned(),
                (None, Some(decision)) => match decision.checked {
                    Checked::Hold { until } => format!("未结，{}，至 {}", decision.why.zh(), shown(until)),
                    Checked::Dial { .. } | Checked::Close { .. } => format!("未结，下次 {}", shown(seen.next_at)),
                },
                (None, None) => format!("未结，到期 {}", shown(seen.next_at)),
            };
            let why = seen.last.filter(|_| seen.outcome.is_some() && seen.attempts == 0);
            let why = why
                .map(|decision| format!("（{}）", decision.why.zh()))
                .unwrap_or_default();
            let (campaign, round) = (&follow_up.campaign, follow_up.round);
            writeln!(
                text,
                "{visit}  {campaign} 第{round}轮  {} 次  {stands}{why}",
                seen.attempts
            )
            .expect("a text takes every line");
        }
        text
    }
}

const WEEKDAYS: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];

fn event(person: &Patient) -> (String, Event) {
    let value = |(name, value): (&String, &toml::Value)| {
        let value = match (value.as_str(), value.as_integer()) {
            (Some(text), _) => Value::Text(text.to_owned()),
            (None, Some(number)) => Value::Number(number as f64),
            (None, None) => panic!("{name} = {value} is no attribute"),
        };
        (name.clone(), value)
    };
    let event = Event {
        kind: person.kind.clone(),
        at: time(&person.at),
        attributes: person.attributes.iter().map(value).collect(),
    };
    (person.visit.clone(), event)
}

#[test]
fn the_golden_nights_are_what_was_read() {
    let folder = repository("tests/fixtures/nights");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("the folder of the nights")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .collect();
    files.sort();
    assert_eq!(files.len(), 10, "ten nights");
    let write = std::env::var("AFTERCALL_GOLDEN").is_ok_and(|value| value == "write");
    let mut differ = Vec::new();
    for file in files {
        let text = Plan::read(&file).text();
        let golden = file.with_extension("txt");
        if write {
            std::fs::write(&golden, &text).expect("the golden text");
        }
        let read = std::fs::read_to_string(&golden).unwrap_or_default();
        if read != text {
            let line = read.lines().zip(text.lines()).position(|(read, now)| read != now);
            let line = line.unwrap_or_else(|| read.lines().count().min(text.lines().count()));
            differ.push(format!(
                "{}:{}: was {:?}, is {:?}",
                golden.display(),
                line + 1,
                read.lines().nth(line),
                text.lines().nth(line)
            ));
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}
