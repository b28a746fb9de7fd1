//! Brings together what a night is judged by: what the store holds, what the campaign files say, what the trunks saw.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate, NaiveTime};

use crate::calendar::{Hours, local, wall};
use crate::config::{CampaignFile, Settings};
use crate::dialer::{LONGEST_CAP, NOT_DIALED};
use crate::ids::{AttemptId, CampaignId, CaseId, PatientId};
use crate::moment::Wall;
use crate::night::judge::{
    Attempt, Campaign, Case, Decision, Evidence, Judgement, Listing, Said, Scope, State, Trunk, TrunkLog, judge,
};
use crate::outcome::Reach;
use crate::store::{self, AttemptEvidence, CaseEvidence, Reader};

/// What is to be judged.
#[derive(Clone, Debug)]
pub struct Question {
    /// Only this campaign, by its name.
    pub campaign: Option<String>,
    /// Whether the windows held: the database does not know of test mode.
    pub hours: Hours,
    /// The present.
    pub now: Wall,
    /// What trunks wrote down.
    pub logs: Vec<TrunkLog>,
}

/// Why a night cannot be judged.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// Without its file nobody knows a campaign's rules.
    #[error("the stored file of campaign \"{name}\" cannot be read any more: {why}")]
    File {
        /// Which campaign.
        name: String,
        /// The first fault.
        why: String,
    },
    /// There is no such date.
    #[error("{0} has no day after it")]
    Night(NaiveDate),
}

/// The nights in which attempts at cases were begun, in order.
pub async fn nights(reader: &Reader, settings: &Settings) -> Result<Vec<NaiveDate>, Error> {
    const HOUR: i64 = 3_600_000;
    let hours = reader.attempt_hours().await?;
    let zone = settings.place.time_zone;
    // An hour may lie in two dates where the zone is not whole hours from UTC.
    let dates = hours
        .into_iter()
        .flat_map(|hour| [hour * HOUR, hour * HOUR + HOUR - 1])
        .map(|at| local(Wall::from_millis(at), zone).date());
    let dates: BTreeSet<NaiveDate> = dates.collect();
    Ok(dates.into_iter().collect())
}

/// Judges a night.
pub async fn judge_night(
    reader: &Reader,
    settings: &Settings,
    night: NaiveDate,
    question: &Question,
) -> Result<Judgement, Error> {
    let zone = settings.place.time_zone;
    let midnight = |date: NaiveDate| wall(date.and_time(NaiveTime::MIN), zone);
    let next = night.checked_add_days(Days::new(1)).ok_or(Error::Night(night))?;
    let (from, to) = (midnight(night), midnight(next));
    let (campaigns, unread) = campaigns(reader, settings, question).await?;
    let scope = match &question.campaign {
        Some(name) => Scope::Only(reader.campaign_named(name).await?),
        None => Scope::All,
    };
    let (attempts, cleaned) = attempts(reader, from, to).await?;
    let mut evidence = Evidence {
        night,
        zone,
        from,
        to,
        read_at: question.now,
        scope,
        cases: cases(reader, &campaigns, &attempts, from, to).await?,
        listings: reader.listings().await?.into_iter().map(listing).collect(),
        states: states(reader, &attempts).await?,
        campaigns,
        trunks: trunks(settings),
        attempts,
        logs: question.logs.clone(),
    };
    evidence.attempts.sort_by_key(|attempt| (attempt.begun, attempt.id));
    let mut judgement = judge(&evidence);
    judgement.not_provable.extend(unread);
    if cleaned > 0 {
        judgement.not_provable.push(Said::new(
            format!("{cleaned} 次尝试已按保存期清除号码,无法复核"),
            format!("{cleaned} attempts were cleaned by retention and cannot be judged"),
        ));
    }
    Ok(judgement)
}

/// The campaigns by their present files, and what is to be said of those that cannot be read.
async fn campaigns(
    reader: &Reader,
    settings: &Settings,
    question: &Question,
) -> Result<(Vec<Campaign>, Vec<Said>), Error> {
    let place = &settings.place;
    let (mut campaigns, mut unread) = (Vec::new(), Vec::new());
    for row in reader.campaigns(question.now).await? {
        let file = match CampaignFile::parse(&row.file) {
            Ok((file, _)) => file,
            Err(faults) => {
                let why = faults.first().map(ToString::to_string).unwrap_or_default();
                if question.campaign.as_ref() == Some(&row.name) {
                    return Err(Error::File { name: row.name, why });
                }
                unread.push(Said::new(
                    format!("任务“{}”的文件已无法读取,未复核:{why}", row.name),
                    format!(
                        "the file of campaign \"{}\" cannot be read any more, it was not judged: {why}",
                        row.name
                    ),
                ));
                continue;
            }
        };
        campaigns.push(Campaign {
            id: row.id,
            name: row.name,
            purpose: file.purpose.clone(),
            schedule: file.schedule(place.time_zone, question.hours, &place.work_calendar),
            retry: file.retry.clone(),
            limits: file.limits.clone(),
            lines: file.lines,
            pace: file.pace,
            started: row.started_at,
        });
    }
    Ok((campaigns, unread))
}

fn trunks(settings: &Settings) -> Vec<Trunk> {
    let trunks = settings.trunks.iter().map(|trunk| Trunk {
        name: trunk.name.clone(),
        lines: trunk.caps.lines,
        pace: trunk.caps.pace,
    });
    trunks.collect()
}

/// The attempts of the night, those of the day before it, and all earlier ones at the same patients; and how many of the
/// night's tell nothing any more.
async fn attempts(reader: &Reader, from: Wall, to: Wall) -> Result<(Vec<Attempt>, usize), Error> {
    let near = reader.attempts_between(from - LONGEST_CAP, to).await?;
    let mut rows = reader.attempt_evidence(&near).await?;
    let tonight = rows.iter().filter(|row| row.begun >= from);
    let patients: BTreeSet<PatientId> = tonight.filter_map(|row| row.patient).collect();
    let patients: Vec<PatientId> = patients.into_iter().collect();
    let near: BTreeSet<AttemptId> = near.into_iter().collect();
    let earlier = reader.attempts_before(&patients, from - LONGEST_CAP).await?;
    let earlier: Vec<AttemptId> = earlier.into_iter().filter(|id| !near.contains(id)).collect();
    rows.extend(reader.attempt_evidence(&earlier).await?);
    let cleaned = rows.iter().filter(|row| row.cleaned && row.begun >= from).count();
    rows.retain(|row| !row.cleaned);
    Ok((rows.into_iter().map(attempt).collect(), cleaned))
}

fn attempt(row: AttemptEvidence) -> Attempt {
    let facts = row.facts.unwrap_or_default();
    let derived = row.mark.map(|mark| mark.call_id());
    let said = Some(facts.call_id.clone()).filter(|said| !said.is_empty());
    let mut call_ids: Vec<String> = derived.into_iter().chain(said).collect();
    call_ids.dedup();
    Attempt {
        id: row.attempt,
        case: row.case,
        campaign: row.campaign,
        patient: row.patient,
        number: row.number,
        trunks: facts.tried.len(),
        trunk: row.trunk,
        begun: row.begun,
        answered: row.answered,
        ended: row.ended,
        locked_until: row.locked_until,
        disposition: row.disposition,
        given_up: row.rule.as_deref() == Some(NOT_DIALED),
        reach: if row.reached { Reach::FarEnd } else { facts.reach() },
        left_open: facts.left_open.is_some(),
        call_ids,
    }
}

/// The cases that waited in the night, and those that were dialed in it.
async fn cases(
    reader: &Reader,
    campaigns: &[Campaign],
    attempts: &[Attempt],
    from: Wall,
    to: Wall,
) -> Result<Vec<Case>, Error> {
    let mut rows: BTreeMap<CaseId, CaseEvidence> = BTreeMap::new();
    let known: BTreeSet<CampaignId> = campaigns.iter().map(|campaign| campaign.id).collect();
    for campaign in known {
        let waiting = reader.waiting_cases(campaign, from, to).await?;
        rows.extend(waiting.into_iter().map(|row| (row.case, row)));
    }
    let dialed: BTreeSet<CaseId> = attempts.iter().filter_map(|attempt| attempt.case).collect();
    let dialed: Vec<CaseId> = dialed.into_iter().filter(|case| !rows.contains_key(case)).collect();
    let dialed = reader.case_evidence(&dialed).await?;
    rows.extend(dialed.into_iter().map(|row| (row.case, row)));
    let ids: Vec<CaseId> = rows.keys().copied().collect();
    let mut decided: BTreeMap<CaseId, Vec<Decision>> = BTreeMap::new();
    for row in reader.decisions(&ids, to).await? {
        decided.entry(row.case).or_default().push(Decision {
            at: row.at,
            why: row.why,
            until: row.until,
        });
    }
    let case = |row: CaseEvidence| Case {
        id: row.case,
        campaign: row.campaign,
        patient: row.patient,
        priority: row.priority,
        created: row.created,
        due: row.due,
        next_at: row.next_at,
        deadline: row.deadline,
        appointment: row.appointment,
        outcome: row.outcome,
        closed: row.closed,
        decisions: decided.remove(&row.case).unwrap_or_default(),
    };
    Ok(rows.into_values().map(case).collect())
}

fn listing(row: store::ListingEvidence) -> Listing {
    Listing {
        number: row.number,
        patient: row.patient,
        level: row.level,
        purpose: row.purpose,
        campaign: row.campaign,
        since: row.since,
        until: row.until,
    }
}

async fn states(reader: &Reader, attempts: &[Attempt]) -> Result<Vec<State>, Error> {
    let patients: BTreeSet<PatientId> = attempts.iter().filter_map(|attempt| attempt.patient).collect();
    let patients: Vec<PatientId> = patients.into_iter().collect();
    let rows = reader.patient_states(&patients).await?;
    let state = |row: store::StateEvidence| State {
        patient: row.patient,
        state: row.state,
        since: row.since,
        until: row.until,
    };
    Ok(rows.into_iter().map(state).collect())
}
