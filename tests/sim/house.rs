//! What every scenario starts from: one trunk, one campaign, the shipped questionnaire, prompts of their real lengths.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use aftercall::calendar::Schedule;
use aftercall::control::{Order, Settings, Trunk};
use aftercall::dialer::{Campaign, LEASE, Limits, Pace, RetryPolicy, RingLimits, Route, TrunkCaps};
use aftercall::dialplan::{self, Dialplan};
use aftercall::ids::{CampaignId, TrunkId};
use aftercall::moment::Wall;
use aftercall::night::{Patient, Talk, World};
use aftercall::outcome::Disposition;
use aftercall::phone::Number;
use aftercall::sip;
use chrono_tz::Tz;

pub(crate) const CAMPAIGN: CampaignId = CampaignId(1);

/// Monday 2026-11-23, 10:00 in Shanghai.
pub(crate) const MONDAY_TEN: Wall = Wall::from_millis(1_795_399_200_000);

pub(crate) const HOUR: Duration = Duration::from_secs(3600);

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// What a scenario may change.
pub(crate) struct House {
    pub(crate) seed: u64,
    pub(crate) lines: u16,
    /// So many of them are left to those who call us.
    pub(crate) kept_free: u16,
    pub(crate) pace: f64,
    pub(crate) schedule: Schedule,
    pub(crate) retry: RetryPolicy,
    pub(crate) limits: Limits,
    pub(crate) begins: Wall,
    /// How many trunks the campaign has; the ones after the first are its spares.
    pub(crate) trunks: u16,
    /// OPTIONS go out this often.
    pub(crate) options: Option<Duration>,
}

impl Default for House {
    fn default() -> Self {
        Self {
            seed: 1,
            lines: 10,
            kept_free: 0,
            pace: 2.0,
            schedule: Schedule {
                zone: Tz::Asia__Shanghai,
                ..Schedule::default()
            },
            retry: RetryPolicy::immediate(seconds(30)).with_budget(3),
            // Scenarios dial the same patient many times within minutes.
            limits: Limits {
                number: Vec::new(),
                ..Limits::default()
            },
            begins: MONDAY_TEN,
            trunks: 1,
            options: None,
        }
    }
}

impl House {
    /// The world with its invariants set and the campaign about to start.
    pub(crate) fn world(&self) -> World {
        let pace = Pace::per_second(self.pace).expect("a pace of the scenario");
        let caps = TrunkCaps {
            lines: self.lines,
            pace,
            kept_free: self.kept_free,
        };
        let local = Ipv4Addr::LOCALHOST;
        let sip_trunk = |id: u16| {
            sip::Trunk::new(
                &name(id),
                SocketAddr::from((local, 5080)),
                sip::Target::udp(SocketAddr::from((local, 5060 + id))),
                "127.0.0.1",
                "01000000000",
            )
        };
        let trunk = |id: u16| Trunk {
            options: self.options,
            ..Trunk::new(&name(id), IpAddr::V4(local), caps)
        };
        let settings = Settings {
            sip: sip::Settings {
                trunks: (0..self.trunks).map(sip_trunk).collect(),
                inbound_status: 480,
                phones: None,
            },
            trunks: (0..self.trunks).map(trunk).collect(),
            ports: 20_000..=29_999,
            data: std::path::PathBuf::from("data"),
        };
        let mut world = World::new(settings, self.begins, self.seed, prompt_lengths());
        world.invariants().at_most_lines(usize::from(self.lines));
        for id in 0..self.trunks {
            let lines = usize::from(self.lines);
            world.invariants().over(TrunkId(id), lines, pace.interval());
        }
        world.invariants().only_inside(self.schedule.clone());
        world.invariants().read_by(crate::second_reader::reads_the_same);
        let dialplan = questionnaire();
        world.ledger().keep_dialplan(dialplan.hash(), QUESTIONNAIRE);
        world.order(Duration::ZERO, self.start(dialplan));
        world
    }

    /// The order by which the campaign runs with this dialplan.
    pub(crate) fn start(&self, dialplan: Dialplan) -> Order {
        let campaign = Campaign {
            id: CAMPAIGN,
            name: "回访".to_owned(),
            routes: (0..self.trunks).map(route).collect(),
            callers: Vec::new(),
            schedule: self.schedule.clone(),
            lines: self.lines,
            pace: Pace::per_second(self.pace).expect("a pace of the scenario"),
            priority: 0,
            retry: self.retry.clone(),
            limits: self.limits.clone(),
            ring: RingLimits::default(),
            dialplan: dialplan.hash().to_owned(),
            lease: LEASE,
        };
        Order::Start {
            campaign: Box::new(campaign),
            dialplan: Arc::new(dialplan),
        }
    }
}

fn name(trunk: u16) -> String {
    ["main", "spare"]
        .get(usize::from(trunk))
        .map_or_else(|| format!("spare {trunk}"), |name| (*name).to_owned())
}

fn route(trunk: u16) -> Route {
    Route {
        trunk: TrunkId(trunk),
        name: name(trunk),
    }
}

/// The text of the shipped questionnaire.
pub(crate) const QUESTIONNAIRE: &str = include_str!("../../dialplans/inpatient-satisfaction.toml");

/// The shipped questionnaire.
pub(crate) fn questionnaire() -> Dialplan {
    dialplan::parse(QUESTIONNAIRE).expect("the shipped dialplan is sound")
}

/// The lengths of the shipped prompts, from their manifest.
fn prompt_lengths() -> BTreeMap<String, Duration> {
    let manifest = include_str!("../../prompts/zh-CN/manifest.toml");
    let mut lengths = BTreeMap::new();
    let mut name = None;
    for line in manifest.lines() {
        if let Some(found) = line.strip_prefix("name = ") {
            name = Some(found.trim_matches('"').to_owned());
        } else if let Some(found) = line.strip_prefix("duration_ms = ") {
            let length = found.parse().expect("a duration in milliseconds");
            lengths.insert(name.take().expect("a name before its duration"), millis(length));
        }
    }
    lengths
}

/// Someone who answers every question with the first option, half a second after the prompt began.
pub(crate) fn willing() -> Talk {
    Talk::silent()
        .at("inpatient-identity", "1", millis(1500))
        .at("inpatient-treatment", "1", millis(3000))
        .at("inpatient-attitude", "2", millis(7000))
        .at("inpatient-quality", "1", millis(500))
        .at("inpatient-instructions", "1", millis(6500))
        .at("inpatient-recommend", "9", millis(5000))
}

/// A patient with a case that is due.
pub(crate) fn add(world: &mut World, number: &str, patient: Patient) {
    let due = world.wall();
    world.trunk().connect(number, patient);
    world
        .ledger()
        .add_case(CAMPAIGN, Number::parse(number).expect("a number"), due);
}

/// Runs until every case is closed; fails with what broke.
pub(crate) fn run(world: &mut World, limit: Duration) {
    match world.run_until(limit, World::is_over) {
        Ok(true) => {}
        Ok(false) => panic!(
            "not over after {limit:?}: {} calls, {:#?}",
            world.calls(),
            world.told().last()
        ),
        Err(broken) => panic!("after {:?}: {broken:#?}", world.elapsed()),
    }
    // What is still under way (a repeated ACK, a late BYE) comes to its end, too.
    let settled = world.run_until(seconds(120), |_| false);
    assert_eq!(settled, Ok(false));
    assert_eq!(
        world.trunk().faults(),
        &[] as &[String],
        "what the trunk held against us"
    );
    let mut rang: BTreeMap<String, usize> = BTreeMap::new();
    for (call_id, seen) in world.trunk().seen() {
        *rang.entry(seen.number.clone()).or_default() += usize::from(seen.rang);
        // What happened in the dark, the trunk cannot tell.
        if seen.cut {
            continue;
        }
        if seen.status == Some(200) {
            assert!(seen.acknowledged, "{call_id}: the 200 was never acknowledged");
            let endings = seen.byes + usize::from(seen.left);
            assert!(endings >= 1, "{call_id}: nobody sent a BYE");
            assert!(seen.byes <= 1, "{call_id}: {} BYEs", seen.byes);
        }
    }
    for (number, times) in rang {
        let attempts = world.ledger().history(&number).len();
        assert!(times <= attempts, "{number} rang {times} times in {attempts} attempts");
    }
}

/// How the attempts at a number ended, in order.
pub(crate) fn history(world: &mut World, number: &str) -> Vec<Disposition> {
    world
        .ledger()
        .history(number)
        .into_iter()
        .map(|ended| ended.expect("every attempt has ended"))
        .collect()
}
