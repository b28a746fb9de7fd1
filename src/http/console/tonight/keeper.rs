//! Keeps the board: one look a second while somebody watches, whatever their number; the forecast once a minute beside it.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::attention::{self, LowScore, PausedCampaign};
use super::board::{
    CampaignRow, Cell, CellCall, Curve, Night, Parts, Phase, Preflight, Results, Sums, Tally as Count, TrunkRow,
    TrunkState, Verdict,
};
use super::tally::{self, Tally};
use super::verdict::{outlook, verdict};
use super::wall;
use crate::config::CampaignFile;
use crate::engine::Office;
use crate::engine::office::{Error, Line, Now, Stretch, TonightForecast, TrunkPicture};
use crate::http::timestamp;
use crate::ids::{CampaignId, CaseId};
use crate::moment::{Moment, Wall};
use crate::store::console::board::{NightAnswer, PAGE};
use crate::store::{Campaign, CampaignState, CaseLabel, Question};

/// Counting what is due reads an index from end to end: it is done no more often.
const COUNTED_EVERY: Duration = Duration::from_secs(10);
/// A forecast is made no more often.
const FORECAST_EVERY: Duration = Duration::from_secs(60);
/// And takes at most one part in so many of the time.
const FORECAST_SHARE: u32 = 10;
/// Pages of attempts in one look; a night that is far on is read over several looks.
const PAGES: usize = 10;
/// Low scores that are kept, the newest.
const LOW_SCORES: usize = 20;
/// An answer with so many points of a hundred or fewer is low.
const LOW_POINTS: f64 = 20.0;
/// On a scale from 0 to 10 without points, the lowest step.
const LOW_VALUE: i64 = 4;

/// What is kept between two looks.
#[derive(Debug, Default)]
pub(super) struct Keeper {
    tally: Option<Tally>,
    wall: wall::Wall,
    counted: Option<Counted>,
    labels: BTreeMap<CaseId, CaseLabel>,
    questions: BTreeMap<String, Arc<Vec<Question>>>,
    low: VecDeque<LowScore>,
    forecast: Forecast,
}

/// What is counted now and then.
#[derive(Clone, Debug)]
struct Counted {
    at: Moment,
    campaigns: Vec<Dialing>,
    opens: Option<Wall>,
    closes: Option<Wall>,
    next: Option<Wall>,
}

/// A campaign that runs, paused or not.
#[derive(Clone, Debug)]
struct Dialing {
    row: Campaign,
    open_due: u64,
}

#[derive(Debug, Default)]
struct Forecast {
    last: Option<TonightForecast>,
    fault: Option<String>,
    began: Option<Moment>,
    again_at: Option<Moment>,
    running: Option<JoinHandle<Result<Option<TonightForecast>, Error>>>,
}

impl Keeper {
    /// One look: reads what is new and makes the board of it.
    pub(super) async fn look(&mut self, office: &Arc<Office>) -> Result<(Wall, Parts), Error> {
        let (now, wall) = (office.clock().now(), office.clock().wall());
        let (date, night) = office.night_of(wall);
        self.begin(office, night).await?;
        self.count(office, now, wall, night).await?;
        let counted = self.counted.clone().unwrap_or_else(|| Counted::none(now));
        let end = counted.closes.unwrap_or(night.1);
        self.read(office, end).await?;
        self.forecast.turn(office, (now, wall), end, &counted).await;
        let present = office.present().unwrap_or_default();
        self.name(office, &present.lines).await?;
        let trunk_lines: Vec<u16> = present.trunks.iter().map(|trunk| trunk.lines).collect();
        let tally = self
            .tally
            .get_or_insert_with(|| Tally::new(night.0, crate::ids::AttemptId(1)));
        let seen = self
            .wall
            .show(&trunk_lines, &present.lines, |id| tally.has_failed(id, wall));
        let names = Names {
            campaigns: &counted.campaigns,
            labels: &self.labels,
            questions: &self.questions,
        };
        let lines: Vec<Cell> = seen
            .into_iter()
            .map(|seen| Cell {
                trunk: seen.trunk,
                line: seen.line,
                state: seen.state,
                call: seen.call.map(|line| names.call(line)),
            })
            .collect();
        let due: u64 = counted.campaigns.iter().map(|dialing| dialing.open_due).sum();
        let closes = office.has_windows().then_some(counted.closes).flatten();
        let forecast = self.forecast.last.as_ref();
        let verdict_now = forecast.map_or(Verdict::Unknown, |forecast| verdict(forecast, closes));
        let paused = paused(&counted, wall);
        let trunks = present.trunks.iter().map(|trunk| trunk_row(trunk, tally, wall));
        let readiness = office.readiness();
        let phase = phase(&counted, wall, due + tally.total.done());
        let asks_for_more = matches!(phase, Phase::Before | Phase::Running);
        let parts = Parts {
            night: Night {
                date: date.to_string(),
                phase,
                has_windows: office.has_windows(),
                opens_at: counted.opens.map(timestamp),
                closes_at: counted.closes.map(timestamp),
                next_at: counted.next.map(timestamp),
            },
            sums: sums(tally, due, &present.lines, &trunk_lines, wall),
            lines,
            trunks: trunks.collect(),
            campaigns: campaigns(&counted, tally, forecast),
            results: Results {
                done: tally.total.done(),
                dispositions: tally
                    .dispositions()
                    .into_iter()
                    .map(|(disposition, cases)| Count {
                        disposition: disposition.as_str().to_owned(),
                        cases,
                    })
                    .collect(),
            },
            curve: curve(tally, wall),
            forecast: outlook(forecast, closes, self.forecast.fault.as_deref()),
            attention: attention::list(&attention::Seen {
                now: wall,
                holds: &present.holds,
                alarms: &readiness.alarms,
                trunks: &present.trunks,
                low_scores: self.low.make_contiguous(),
                paused: &paused,
                forecast: forecast
                    .filter(|_| asks_for_more)
                    .map(|forecast| (forecast, verdict_now)),
                closes,
            }),
            preflight: readiness
                .checks
                .into_iter()
                .map(|check| Preflight {
                    name: check.name,
                    is_well: check.ok,
                    reason: check.reason,
                })
                .collect(),
        };
        Ok((wall, parts))
    }

    /// Begins the tally of a night, if this is another one than before.
    async fn begin(&mut self, office: &Office, (begins, _): Stretch) -> Result<(), Error> {
        if self.tally.as_ref().is_none_or(|tally| tally.begins != begins) {
            let first = office.store().reader().first_attempt_since(begins).await?;
            *self = Self {
                tally: Some(Tally::new(begins, first)),
                ..Self::default()
            };
        }
        Ok(())
    }

    async fn count(&mut self, office: &Office, now: Moment, wall: Wall, night: Stretch) -> Result<(), Error> {
        let is_fresh = |counted: &Counted| now.since(counted.at) < COUNTED_EVERY;
        if self.counted.as_ref().is_some_and(is_fresh) {
            return Ok(());
        }
        let mut counted = Counted::none(now);
        let mut nexts = Vec::new();
        let mut files = Vec::new();
        for row in office.campaigns_counted().await {
            if row.state != CampaignState::Running {
                continue;
            }
            let Ok((file, _)) = CampaignFile::parse(&row.file) else {
                continue;
            };
            let (windows, next) = office.windows_of(&file, wall);
            counted.opens = counted
                .opens
                .into_iter()
                .chain(windows.first().map(|(from, _)| *from))
                .min();
            counted.closes = counted
                .closes
                .into_iter()
                .chain(windows.last().map(|(_, to)| *to))
                .max();
            nexts.extend(next);
            files.push((row, windows.last().map(|(_, to)| *to)));
        }
        for (row, closes) in files {
            // A campaign without a window on this date calls nobody on it.
            let open_due = match closes {
                Some(closes) => office.store().reader().open_due(row.id, closes.min(night.1)).await?,
                None => 0,
            };
            counted.campaigns.push(Dialing { row, open_due });
        }
        counted.next = nexts.into_iter().min();
        self.counted = Some(counted);
        Ok(())
    }

    /// Reads the attempts that are new or have ended since.
    async fn read(&mut self, office: &Office, end: Wall) -> Result<(), Error> {
        let Some(tally) = &mut self.tally else { return Ok(()) };
        let reader = office.store().reader();
        let mut attempts = Vec::new();
        let mut from = tally.next;
        for _ in 0..PAGES {
            let page = reader.attempts_from(from).await?;
            let is_full = page.len() >= PAGE;
            attempts.extend(page);
            let Some(last) = attempts.last().filter(|_| is_full) else {
                break;
            };
            from = crate::ids::AttemptId(last.attempt.0 + 1);
        }
        let fresh = tally.take(&attempts, end);
        let mut lows: VecDeque<(NightAnswer, Arc<Vec<Question>>)> = VecDeque::new();
        for some in fresh.chunks(500) {
            for answer in reader.answers_in(some).await? {
                let questions = match self.questions.get(&answer.dialplan) {
                    Some(known) => Arc::clone(known),
                    None => {
                        let read = Arc::new(reader.questions_of(&answer.dialplan).await?);
                        self.questions.insert(answer.dialplan.clone(), Arc::clone(&read));
                        read
                    }
                };
                let asked = questions.iter().find(|question| question.id == answer.question);
                if asked.is_some_and(|question| is_low(question, answer.value)) {
                    lows.push_back((answer, questions));
                    if lows.len() > LOW_SCORES {
                        lows.pop_front();
                    }
                }
            }
        }
        let cases: Vec<CaseId> = lows.iter().map(|(answer, _)| answer.case).collect();
        let labels = if cases.is_empty() {
            BTreeMap::new()
        } else {
            reader.case_labels(&cases).await?
        };
        for (answer, questions) in lows {
            let label = labels.get(&answer.case).cloned().unwrap_or_default();
            self.low.extend(low_score(&answer, &questions, label));
        }
        while self.low.len() > LOW_SCORES {
            self.low.pop_front();
        }
        Ok(())
    }

    /// Finds out whose calls are up; the names are masked already.
    async fn name(&mut self, office: &Office, lines: &[Line]) -> Result<(), Error> {
        let present: Vec<CaseId> = lines.iter().filter_map(|line| line.case).collect();
        self.labels.retain(|case, _| present.contains(case));
        let unknown: Vec<CaseId> = present
            .into_iter()
            .filter(|case| !self.labels.contains_key(case))
            .collect();
        if !unknown.is_empty() {
            self.labels.extend(office.store().reader().case_labels(&unknown).await?);
        }
        let campaigns = self.counted.iter().flat_map(|counted| &counted.campaigns);
        let hashes: Vec<String> = campaigns.map(|dialing| dialing.row.dialplan.clone()).collect();
        for hash in hashes {
            if let Entry::Vacant(place) = self.questions.entry(hash) {
                let read = office.store().reader().questions_of(place.key()).await?;
                place.insert(Arc::new(read));
            }
        }
        Ok(())
    }
}

impl Counted {
    const fn none(at: Moment) -> Self {
        Self {
            at,
            campaigns: Vec::new(),
            opens: None,
            closes: None,
            next: None,
        }
    }
}

impl Forecast {
    /// Takes what has been computed, and has it computed anew when it is time. Nothing waits for it.
    async fn turn(&mut self, office: &Arc<Office>, (now, wall): (Moment, Wall), end: Wall, counted: &Counted) {
        if let Some(running) = self.running.take_if(|running| running.is_finished()) {
            let took = self.began.map_or(Duration::ZERO, |began| now.since(began));
            self.again_at = Some(now + FORECAST_EVERY.max(took * FORECAST_SHARE));
            match running.await {
                Ok(Ok(forecast)) => (self.last, self.fault) = (forecast, None),
                Ok(Err(error)) => self.fault = Some(error.to_string()),
                Err(_) => self.fault = Some("the forecast was cut off".to_owned()),
            }
        }
        let is_time = self.again_at.is_none_or(|at| at <= now);
        let is_asked = counted.campaigns.iter().any(|dialing| dialing.row.paused_at.is_none()) && wall < end;
        if self.running.is_none() && is_time && is_asked {
            let office = Arc::clone(office);
            self.began = Some(now);
            self.running = Some(tokio::spawn(async move { office.forecast_tonight(end).await }));
        }
    }
}

/// Where names are found.
struct Names<'k> {
    campaigns: &'k [Dialing],
    labels: &'k BTreeMap<CaseId, CaseLabel>,
    questions: &'k BTreeMap<String, Arc<Vec<Question>>>,
}

impl Names<'_> {
    fn call(&self, line: &Line) -> CellCall {
        let campaign = line
            .campaign
            .and_then(|id| self.campaigns.iter().find(|one| one.row.id == id));
        let label = line.case.and_then(|case| self.labels.get(&case));
        let questions = campaign.and_then(|campaign| self.questions.get(&campaign.row.dialplan));
        let title = |id: &String| {
            let question = questions.and_then(|questions| questions.iter().find(|question| question.id == *id));
            question.map_or_else(|| id.clone(), |question| question.title.clone())
        };
        CellCall {
            attempt: line.attempt.0,
            since_at: timestamp(line.since),
            campaign: campaign.map(|campaign| campaign.row.name.clone()),
            patient: label.and_then(|label| label.name.clone()),
            department: label.and_then(|label| label.department.clone()),
            question: line.question.as_ref().map(title),
            keys: line.keys.clone(),
        }
    }
}

/// A low answer as the list shows it.
fn low_score(answer: &NightAnswer, questions: &[Question], label: CaseLabel) -> Option<LowScore> {
    let question = questions.iter().find(|question| question.id == answer.question)?;
    let option = question.options.iter().find(|option| option.code == answer.value);
    let (answer_zh, answer_en) = match option {
        Some(option) => (option.label.clone(), option.label.clone()),
        None => {
            let points = if answer.value == 1 { "point" } else { "points" };
            (format!("{} 分", answer.value), format!("{} {points}", answer.value))
        }
    };
    Some(LowScore {
        attempt: answer.attempt.0,
        question: question.id.clone(),
        title: question.title.clone(),
        answer_zh,
        answer_en,
        patient: label.name,
        department: label.department,
        at: answer.at,
    })
}

fn is_low(question: &Question, value: i64) -> bool {
    if question.screening {
        return false;
    }
    let option = question.options.iter().find(|option| option.code == value);
    match option.and_then(|option| option.points) {
        Some(points) => points <= LOW_POINTS,
        None => question.kind == "score" && value <= LOW_VALUE,
    }
}

fn phase(counted: &Counted, now: Wall, cases: u64) -> Phase {
    let all_paused = counted.campaigns.iter().all(|dialing| dialing.row.paused_at.is_some());
    match (counted.opens, counted.closes) {
        _ if counted.campaigns.is_empty() || cases == 0 => Phase::Empty,
        (Some(opens), _) if now < opens => Phase::Before,
        (_, Some(closes)) if now >= closes => Phase::After,
        (None, _) | (_, None) => Phase::Empty,
        (Some(_), Some(_)) if all_paused => Phase::Paused,
        (Some(_), Some(_)) => Phase::Running,
    }
}

fn sums(tally: &Tally, open_due: u64, lines: &[Line], trunks: &[u16], now: Wall) -> Sums {
    let is_talk = |line: &&Line| matches!(line.state, Now::Talking | Now::WaitingForKey | Now::OnHold);
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let total = tally.total;
    Sums {
        due: open_due + total.done(),
        done: total.done(),
        closed: total.closed,
        moved: total.moved,
        completed: total.completed,
        attempts: total.attempts,
        answered: total.answered,
        own_faults: total.own_faults,
        talking: count(lines.iter().filter(is_talk).count()),
        busy: count(lines.len()),
        lines: trunks.iter().map(|lines| u64::from(*lines)).sum(),
        begun_last_minute: tally.begun_last_minute(now),
    }
}

fn campaigns(counted: &Counted, tally: &Tally, forecast: Option<&TonightForecast>) -> Vec<CampaignRow> {
    let row = |dialing: &Dialing| {
        let (id, sum): (CampaignId, _) = (dialing.row.id, tally.campaign(dialing.row.id));
        let ahead = forecast.and_then(|forecast| forecast.campaigns.get(&id));
        CampaignRow {
            id: id.0,
            name: dialing.row.name.clone(),
            is_paused: dialing.row.paused_at.is_some(),
            due: dialing.open_due + sum.done(),
            done: sum.done(),
            attempts: sum.attempts,
            answered: sum.answered,
            ends_at: ahead.and_then(|ahead| ahead.ends).map(timestamp),
            unreached: ahead.map_or(0, |ahead| u64::try_from(ahead.unreached).unwrap_or(u64::MAX)),
        }
    };
    counted.campaigns.iter().map(row).collect()
}

fn paused(counted: &Counted, now: Wall) -> Vec<PausedCampaign> {
    let is_open = counted.opens.is_some_and(|opens| opens <= now) && counted.closes.is_some_and(|closes| now < closes);
    let paused = counted
        .campaigns
        .iter()
        .filter(|dialing| is_open && dialing.open_due > 0);
    let paused = paused.filter_map(|dialing| {
        Some(PausedCampaign {
            id: dialing.row.id.0,
            name: dialing.row.name.clone(),
            since: dialing.row.paused_at?,
            due: dialing.open_due,
        })
    });
    paused.collect()
}

fn trunk_row(trunk: &TrunkPicture, tally: &Tally, now: Wall) -> TrunkRow {
    let hour = tally.hour(&trunk.name, now);
    let resting = trunk.resting_until.filter(|until| *until > now);
    TrunkRow {
        name: trunk.name.clone(),
        busy: trunk.calls,
        lines: trunk.lines,
        attempts: hour.attempts,
        answered: hour.answered,
        delay_ms: hour.delay_ms,
        trend: hour.trend,
        state: TrunkState::of(trunk.standing, resting),
        until_at: resting.map(timestamp),
    }
}

fn curve(tally: &Tally, now: Wall) -> Curve {
    let (from, done) = tally.curve(now).unzip();
    Curve {
        from_at: from.map(timestamp),
        step_ms: tally::STEP_MS,
        done: done.unwrap_or_default(),
    }
}
