//! The same people called with packets: through `sip/`, `call/` and `control/` in the virtual world. For small populations,
//! each case at its patient's first number.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use sha2::{Digest as _, Sha256};

use super::bearing::Bearing;
use super::behaviours::{Asked, Ordinal, Slot};
use super::chance::stream;
use super::outlook::{CaseSeen, Made, Outlook};
use super::talk::Questionnaire;
use super::{Behaviours, Broken, Population, Setup, SetupError};
use crate::control::{self, Order};
use crate::dialer::{Campaign, DayPart};
use crate::ids::{CaseId, NumberId, TrunkId};
use crate::moment::Wall;
use crate::night::{self, Patient, World};
use crate::outcome::{NOTHING_KNOWN, RULES};
use crate::phone::Number;
use crate::sip;

/// Why a night of packets has no outlook.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The setup cannot run.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// An invariant did not hold.
    #[error(transparent)]
    Broken(#[from] Broken),
}

/// Calls everybody with packets until every case is closed or `until` has come.
///
/// # Errors
/// If a campaign lacks its dialplan or trunk, and at the first broken invariant.
pub fn wire(
    setup: &Setup,
    population: &Population,
    behaviours: &Behaviours,
    until: Wall,
) -> Result<Outlook, WireError> {
    setup.check()?;
    let mut lengths = BTreeMap::new();
    for plan in setup.dialplans.values() {
        // The virtual world knows a prompt by its name, and its calls are in the first language.
        for prompt in plan.prompts().into_iter().filter(|prompt| !prompt.contains('/')) {
            let file = plan.recording(&prompt);
            let recorded = file
                .split_once('/')
                .and_then(|(language, name)| setup.prompts.get(language)?.get(name));
            lengths.extend(recorded.map(|length| (prompt, *length)));
        }
    }
    let mut world = World::new(settings(setup), setup.origin, setup.seed, lengths);
    let mut cases: BTreeMap<CaseId, (CaseId, NumberId)> = BTreeMap::new();
    for campaign in &setup.campaigns {
        bound(&mut world, setup, campaign);
        let Some(plan) = setup.dialplans.get(&campaign.dialplan) else {
            continue;
        };
        let questionnaire = Questionnaire::new(plan.clone(), &setup.prompts);
        for opening in population
            .cases
            .iter()
            .filter(|opening| opening.campaign == campaign.id)
        {
            let person = population.patients.iter().find(|person| person.id == opening.patient);
            let Some(own) = person.and_then(|person| person.numbers.first()) else {
                continue;
            };
            let patient = patient(setup.seed, opening.case, &own.number, behaviours, &questionnaire);
            world.trunk().connect(own.number.reveal(), patient);
            let id = world.ledger().add_case(campaign.id, own.number.clone(), opening.due);
            cases.insert(id, (opening.case, own.id));
        }
        let start = Order::Start {
            campaign: Box::new(campaign.clone()),
            dialplan: plan.clone(),
        };
        world.order(Duration::ZERO, start);
    }
    let limit = until.since(setup.origin);
    world.run_until(limit, World::is_over).map_err(|rules| {
        let told = world.told().iter().rev().take(20);
        Broken {
            at: world.wall(),
            rules,
            before: told.map(|(_, told)| format!("{told:?}")).collect(),
        }
    })?;
    Ok(outlook(&mut world, setup, &cases))
}

/// One trunk after the other on loopback, as in the tests of the virtual world.
fn settings(setup: &Setup) -> control::Settings {
    let local = Ipv4Addr::LOCALHOST;
    let name = |id: &TrunkId| {
        let routes = setup.campaigns.iter().flat_map(|campaign| &campaign.routes);
        let named = routes.into_iter().find(|route| route.trunk == *id);
        named.map_or_else(|| format!("trunk {}", id.0), |route| route.name.clone())
    };
    let sip_trunk = |id: &TrunkId| {
        let target = sip::Target::udp(SocketAddr::from((local, 5060 + id.0 % 1_000)));
        sip::Trunk::new(
            &name(id),
            SocketAddr::from((local, 5080)),
            target,
            "127.0.0.1",
            "01000000000",
        )
    };
    let trunk = |(id, trunk): (&TrunkId, &super::Trunk)| control::Trunk {
        causes: trunk.causes.clone(),
        ..control::Trunk::new(&name(id), IpAddr::V4(local), trunk.caps)
    };
    control::Settings {
        sip: sip::Settings {
            trunks: setup.trunks.keys().map(sip_trunk).collect(),
            inbound_status: 480,
            phones: None,
        },
        trunks: setup.trunks.iter().map(trunk).collect(),
        ports: 20_000..=29_999,
        data: std::path::PathBuf::from("data"),
    }
}

fn bound(world: &mut World, setup: &Setup, campaign: &Campaign) {
    let invariants = world.invariants();
    invariants.at_most_lines(setup.trunks.values().map(|trunk| usize::from(trunk.caps.lines)).sum());
    invariants.only_inside(campaign.schedule.clone());
    for (id, trunk) in &setup.trunks {
        invariants.over(*id, usize::from(trunk.caps.lines), trunk.caps.pace.interval());
    }
}

/// Calls in a row; the last one repeats.
const CALLS: u16 = 8;

/// What a patient does call after call, drawn as a forecast draws it.
fn patient(
    seed: u64,
    case: CaseId,
    number: &Number,
    behaviours: &Behaviours,
    questionnaire: &Questionnaire,
) -> Patient {
    let mut calls = (0..CALLS).map(|before| {
        let mut chance = stream(seed, &[case.0.cast_unsigned(), u64::from(before), 0]);
        let asked = Asked {
            slot: Slot {
                kind: number.kind(),
                part: DayPart::Afternoon,
                attempt: if before == 0 { Ordinal::First } else { Ordinal::Later },
            },
            before: usize::from(before),
            last: None,
        };
        let bearing = behaviours.draw(&asked, &mut chance);
        as_packets(bearing, questionnaire, &mut chance)
    });
    let first = calls.next().unwrap_or_else(Patient::rings_forever);
    calls.fold(first, Patient::then)
}

fn as_packets(bearing: Bearing, questionnaire: &Questionnaire, chance: &mut ChaCha8Rng) -> Patient {
    match bearing {
        Bearing::Answers { ring, manner, .. } => Patient::answers(ring, questionnaire.script(manner, chance)),
        Bearing::RingsOut { .. } => Patient::rings_forever(),
        Bearing::Refuses(refusal) => Patient::refuses(refusal.after, refusal.status, refusal.q850),
    }
}

fn outlook(world: &mut World, setup: &Setup, cases: &BTreeMap<CaseId, (CaseId, NumberId)>) -> Outlook {
    let mut outlook = Outlook {
        lasts: world.elapsed(),
        ..Outlook::default()
    };
    let mut digest = Sha256::new();
    for (at, told) in world.told() {
        digest.update(format!("{} {told:?}\n", at.nanos()));
        outlook.trace_lines += 1;
    }
    outlook.trace_sha256 = digest.finalize().iter().map(|octet| format!("{octet:02x}")).collect();
    let over = world.is_over();
    let wall = world.wall();
    let ledger = world.ledger();
    for (id, row) in ledger.cases() {
        let Some((case, _)) = cases.get(id) else { continue };
        outlook.cases.push(CaseSeen {
            case: *case,
            campaign: row.campaign,
            attempts: usize::from(row.attempts),
            outcome: row.outcome,
            last: None,
            next_at: row.next_at,
        });
    }
    for (attempt, row) in ledger.attempts() {
        let found = row
            .case
            .and_then(|case| Some((ledger.cases().get(&case)?, cases.get(&case)?)));
        let (Some((case, (id, number))), Some(end)) = (found, &row.ended) else {
            continue;
        };
        let schedule = setup.campaigns.iter().find(|campaign| campaign.id == case.campaign);
        outlook
            .nights
            .extend(schedule.map(|campaign| campaign.schedule.night_of(row.at)));
        *outlook.dispositions.entry(end.disposition).or_default() += 1;
        outlook.attempts.push(Made {
            attempt: *attempt,
            case: *id,
            campaign: case.campaign,
            number: *number,
            trunk: TrunkId(0),
            at: row.at,
            ended: end.at,
            disposition: end.disposition,
            rule: rule(&end.rule),
        });
    }
    outlook.lines = lines(&outlook.attempts);
    outlook.finished = over.then_some(wall);
    outlook
}

fn rule(id: &str) -> &'static str {
    let known = RULES.iter().find(|rule| rule.id == id);
    known.map_or(NOTHING_KNOWN.id, |rule| rule.id)
}

/// The lines over time, from the attempts.
fn lines(attempts: &[Made]) -> night::forecast::Lines {
    let begins = attempts.iter().map(|made| (made.at, 1_u8, made));
    let ends = attempts.iter().map(|made| (made.ended, 0, made));
    let mut turns: Vec<_> = begins.chain(ends).collect();
    turns.sort_by_key(|(at, begins, made)| (*at, *begins, made.attempt));
    let mut lines = night::forecast::Lines::default();
    for (at, begins, made) in turns {
        if begins == 1 {
            lines.taken(at);
        } else {
            lines.freed(made.at, at);
        }
    }
    lines
}
