//! Random days: a store and a trunk of random speed and luck around the dialer, and after every step what must hold.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::calendar::{Span, Windows};

mod checks;
mod events;

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn a_random_day_keeps_to_lines_pace_and_windows_and_loses_no_claim(seed in any::<u64>()) {
        World::new(seed).live();
    }
}

#[test]
fn the_same_seed_gives_the_same_day() {
    let trace = |seed| World::new(seed).live();
    assert_eq!(trace(7), trace(7));
    assert_ne!(trace(7), trace(8));
}

#[test]
fn random_days_are_full_of_work() {
    let days: Vec<_> = (0..12).flat_map(|seed| World::new(seed).live()).collect();
    let said = |what: &str| days.iter().filter(|line| line.contains(what)).count();
    assert!(said(" Dial(") > 500, "{}", said(" Dial("));
    for what in [
        "Claim(",
        "Begin(",
        "Release(",
        "HangUp {",
        "Idle {",
        "Stopped {",
        "TrunkResting {",
        "CallerResting {",
        "BeginFailed(",
        "Unplaced {",
        "reason: TrunkDown",
    ] {
        assert!(said(what) > 0, "{what}");
    }
}

/// The trunk whose calls show one of two numbers, and how often each may be shown.
const WITH_CALLERS: TrunkId = TrunkId(1);
const SHOWN: Cap = Cap {
    most: 12,
    within: Duration::from_secs(600),
};

/// SplitMix64, so that a day is its seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit
    }

    fn one_in(&mut self, limit: u64) -> bool {
        self.below(limit) == 0
    }

    fn millis(&mut self, limit: u64) -> Duration {
        Duration::from_millis(self.below(limit))
    }
}

struct Case {
    campaign: CampaignId,
    candidate: Candidate,
    past: Vec<Disposition>,
    lease_until: Option<Wall>,
    open: Option<AttemptId>,
    is_closed: bool,
}

/// Something on its way to the dialer.
enum Coming {
    Claimed(CampaignId, usize),
    Begun(CaseId),
    Ended(AttemptId),
    TrunkTurns(TrunkId),
    Stop(CampaignId),
    Imported(CampaignId),
}

struct World {
    chance: Chance,
    dialer: Dialer,
    now: Moment,
    wall: Wall,
    caps: BTreeMap<TrunkId, TrunkCaps>,
    campaigns: BTreeMap<CampaignId, Campaign>,
    cases: BTreeMap<CaseId, Case>,
    coming: BTreeMap<(Moment, u64), Coming>,
    asked: BTreeSet<CampaignId>,
    /// From `Begin` to the end: whose line it is.
    lines: BTreeMap<CaseId, CampaignId>,
    begun: BTreeMap<AttemptId, CaseId>,
    dialed: BTreeMap<AttemptId, (CaseId, TrunkId)>,
    /// The trunks that got an INVITE of an attempt.
    invited: BTreeMap<AttemptId, Vec<TrunkId>>,
    down: BTreeSet<TrunkId>,
    last_dial: BTreeMap<CampaignId, Moment>,
    last_dial_over: BTreeMap<TrunkId, Moment>,
    rests: BTreeMap<TrunkId, Moment>,
    stopped: BTreeSet<CampaignId>,
    /// When each caller number was shown, and until when it rests.
    shown: BTreeMap<Number, Vec<Moment>>,
    blocked: BTreeMap<Number, Moment>,
    count: u64,
    trace: Vec<String>,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut chance = Chance(seed);
        let caps: BTreeMap<_, _> = (1..=2)
            .map(|id| {
                let lines = 1 + chance.below(6) as u16;
                let caps = TrunkCaps {
                    lines,
                    pace: pace(0.2 + chance.below(40) as f64 / 4.0),
                    kept_free: 0,
                };
                (TrunkId(id), caps)
            })
            .collect();
        let campaigns = (1..=3).map(|id| (CampaignId(id), random_campaign(CampaignId(id), &mut chance)));
        let campaigns: BTreeMap<_, _> = campaigns.collect();
        let minutes = chance.below(14 * 60);
        let wall = shanghai("2026-11-20 07:50:00") + secs(minutes * 60);
        let cases = (1..=60).map(|id| {
            let case = Case {
                campaign: CampaignId(1 + (id % 3)),
                candidate: Candidate {
                    deadline: chance.one_in(4).then(|| wall + secs(chance.below(20_000))),
                    ..candidate(id, wall + secs(chance.below(3600)))
                },
                past: Vec::new(),
                lease_until: None,
                open: None,
                is_closed: false,
            };
            (CaseId(id), case)
        });
        let cases = cases.collect();
        Self {
            dialer: Dialer::new(caps.clone(), seed),
            chance,
            now: Moment::from_nanos(1),
            wall,
            caps,
            campaigns,
            cases,
            coming: BTreeMap::new(),
            asked: BTreeSet::new(),
            lines: BTreeMap::new(),
            begun: BTreeMap::new(),
            dialed: BTreeMap::new(),
            invited: BTreeMap::new(),
            down: BTreeSet::new(),
            last_dial: BTreeMap::new(),
            last_dial_over: BTreeMap::new(),
            rests: BTreeMap::new(),
            stopped: BTreeSet::new(),
            shown: BTreeMap::new(),
            blocked: BTreeMap::new(),
            count: 0,
            trace: Vec::new(),
        }
    }

    /// Runs the campaigns for some hours, stops them, and sees that nothing is left behind.
    fn live(mut self) -> Vec<String> {
        for campaign in self.campaigns.values().cloned().collect::<Vec<_>>() {
            let id = campaign.id;
            self.tell(Input::CampaignStarted(Box::new(campaign)));
            let until = secs(1800) + self.chance.millis(4 * 3_600_000);
            self.comes_after(until, Coming::Stop(id));
            let import = self.chance.millis(3_600_000);
            self.comes_after(import, Coming::Imported(id));
        }
        let callers = Callers {
            numbers: ["100", "200"].map(|text| Number::parse(text).unwrap()).to_vec(),
            caps: vec![SHOWN],
            line_gap: self.chance.millis(9_000),
        };
        let trunk = WITH_CALLERS;
        self.tell(Input::CallersChanged { trunk, callers });
        for trunk in [TrunkId(1), TrunkId(2)] {
            let turns = self.chance.millis(3_600_000);
            self.comes_after(turns, Coming::TrunkTurns(trunk));
        }
        while self.step() {}
        assert_eq!(
            self.stopped.len(),
            self.campaigns.len(),
            "every campaign came to its stop"
        );
        assert!(self.lines.is_empty() && self.dialed.is_empty() && self.begun.is_empty());
        for (id, case) in &self.cases {
            assert!(
                case.lease_until.is_none() && case.open.is_none(),
                "{id} was neither begun nor released"
            );
        }
        self.trace
    }

    fn step(&mut self) -> bool {
        let deadline = self.dialer.deadline().map(|(moment, _)| moment);
        let event = self.coming.first_key_value().map(|((moment, _), _)| *moment);
        let Some(next) = [deadline, event].into_iter().flatten().min() else {
            return false;
        };
        let late = if self.chance.one_in(4) {
            self.chance.millis(20)
        } else {
            Duration::ZERO
        };
        let next = next.max(self.now) + late;
        self.wall = self.wall + next.since(self.now);
        self.now = next;
        if self.chance.one_in(500) {
            self.wall = self.wall + self.chance.millis(1_200_000);
        } else if self.chance.one_in(500) {
            self.wall = self.wall - self.chance.millis(1_200_000);
        }
        let is_due = self
            .coming
            .first_key_value()
            .is_some_and(|((moment, _), _)| *moment <= next);
        match self.coming.first_entry().filter(|_| is_due) {
            Some(first) => {
                let coming = first.remove();
                self.arrives(coming);
            }
            None => self.tell(Input::Wake),
        }
        true
    }

    fn comes_after(&mut self, duration: Duration, coming: Coming) {
        self.count += 1;
        self.coming.insert((self.now + duration, self.count), coming);
    }

    /// How long the store takes: mostly milliseconds, sometimes seconds.
    fn store_takes(&mut self) -> Duration {
        if self.chance.one_in(20) {
            self.chance.millis(25_000)
        } else {
            self.chance.millis(40)
        }
    }

    fn tell(&mut self, input: Input) {
        self.dialer.handle(self.now, self.wall, input);
        while let Some(output) = self.dialer.poll() {
            self.trace.push(format!("{} {output:?}", self.now.nanos()));
            self.does(output);
        }
        if let Some((moment, timer)) = self.dialer.deadline() {
            assert!(moment > self.now, "{timer:?} lies in the past after a drain");
        }
    }
}

fn random_campaign(id: CampaignId, chance: &mut Chance) -> Campaign {
    let schedule = match chance.below(3) {
        0 => Schedule::any_time(ZONE),
        1 => Schedule::default(),
        _ => short_windows(),
    };
    let immediate = RetryPolicy::immediate(secs(1 + chance.below(60)));
    Campaign {
        id,
        routes: random_routes(chance),
        schedule,
        lines: 1 + chance.below(8) as u16,
        pace: pace(0.2 + chance.below(40) as f64 / 8.0),
        priority: chance.below(3) as i16,
        retry: if chance.one_in(3) {
            RetryPolicy::default()
        } else {
            immediate
        },
        lease: secs(if chance.one_in(3) { 60 } else { 600 }),
        ..campaign()
    }
}

/// One of two trunks, or both in either order.
fn random_routes(chance: &mut Chance) -> Vec<Route> {
    let first = 1 + chance.below(2) as u16;
    let mut routes = vec![route(TrunkId(first))];
    if chance.one_in(2) {
        routes.push(route(TrunkId(3 - first)));
    }
    routes
}

/// Four minutes of every six.
fn short_windows() -> Schedule {
    let spans: Vec<_> = (80..205).filter_map(|six| Span::new(six * 6, six * 6 + 4)).collect();
    Schedule {
        windows: Windows::every_day(&spans).unwrap(),
        ..Schedule::default()
    }
}
