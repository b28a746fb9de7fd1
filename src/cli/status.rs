//! `aftercall status`: what is due, dialing, talking and done right now.

use std::path::Path;
use std::process::ExitCode;

use clap::Args;

use super::{daemon, runtime, settings, show};
use crate::calendar;
use crate::control::{Standing, TrunkPicture};
use crate::engine::Snapshot;
use crate::engine::clock::Clock;
use crate::engine::office::Notice;
use crate::http::Client;
use crate::moment::Wall;
use crate::store;

/// How many of the last attempts are shown.
const LAST: u32 = 10;

/// What is due, dialing, talking and done right now.
#[derive(Debug, Args)]
pub(super) struct Status {
    /// One line of JSON.
    #[arg(long)]
    json: bool,
}

impl Status {
    pub(super) fn run(self, config: &Path) -> anyhow::Result<ExitCode> {
        let settings = settings(config)?;
        runtime()?.block_on(async {
            let reader = daemon::reader(&settings).await?;
            let zone = settings.place.time_zone;
            let present = Clock::start().wall();
            let midnight = calendar::local(present, zone).date().and_time(chrono::NaiveTime::MIN);
            let status = reader.status(present, calendar::wall(midnight, zone), LAST).await?;
            reader.close().await;
            // Nobody on the socket means that no daemon runs.
            let client = Client::new(&settings.place.data);
            let now: Option<Snapshot> = client.get("/v1/status").await.ok();
            let writer: Option<store::StoreState> = client.get("/v1/store").await.ok();
            let alarms: Vec<Notice> = match &now {
                Some(_) => client.get("/v1/alarms").await.unwrap_or_default(),
                None => Vec::new(),
            };
            if self.json {
                show::json(&All {
                    now,
                    writer,
                    alarms,
                    store: status,
                })?;
                return Ok(ExitCode::SUCCESS);
            }
            match &now {
                Some(now) => {
                    show::line(&format!(
                        "now: {} dialing, {} ringing, {} talking, {} ending",
                        now.dialing, now.ringing, now.talking, now.ending
                    ));
                    now.holds.iter().for_each(|why| show::line(&format!("held: {why}")));
                    if let Some(why) = writer.and_then(|writer| writer.absence) {
                        show::line(&format!("database away, what calls say goes to the journal: {why}"));
                    }
                    raised(&alarms, zone);
                    left_over(now);
                    trunks(&now.trunks, zone);
                    for (fault, count) in &now.sip_faults {
                        show::line(&format!("dropped SIP input: {count} times {fault:?}"));
                    }
                }
                None => show::line("no daemon runs on this data folder (aftercall run starts one)"),
            }
            table(&status.campaigns, zone);
            show::line("");
            attempts(&status.last_attempts, zone);
            show::line("");
            call_backs(&status, zone);
            if status.recordings_missing > 0 {
                show::line(&format!(
                    "recordings whose file is missing: {} (aftercall check --recordings looks for them)",
                    status.recordings_missing
                ));
            }
            Ok(ExitCode::SUCCESS)
        })
    }
}

#[derive(serde::Serialize)]
struct All {
    now: Option<Snapshot>,
    writer: Option<store::StoreState>,
    alarms: Vec<Notice>,
    #[serde(flatten)]
    store: store::Status,
}

/// What stands and what to do about it, in both languages.
fn raised(alarms: &[Notice], zone: chrono_tz::Tz) {
    for alarm in alarms {
        let (severity, since) = (alarm.severity.as_str(), clock(alarm.since, zone));
        let subject = if alarm.subject.is_empty() {
            String::new()
        } else {
            format!(" {}", alarm.subject)
        };
        show::line(&format!(
            "ALARM 告警 {} ({severity}){subject} since {since}: {}",
            alarm.id, alarm.detail
        ));
        show::line(&format!("  {}。{}", alarm.text_zh, alarm.to_do_zh));
        show::line(&format!("  {}; {}", alarm.text_en, alarm.to_do_en));
    }
}

/// Campaigns as a table.
pub(super) fn table(campaigns: &[store::Campaign], zone: chrono_tz::Tz) {
    let head = ["campaign", "state", "cases", "due", "waiting", "in progress", "closed"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for campaign in campaigns {
        let counts = &campaign.counts;
        let numbers = [
            counts.cases,
            counts.due,
            counts.waiting,
            counts.in_progress,
            counts.closed,
        ];
        let state = campaign.paused_at.map_or_else(
            || campaign.state.as_str().to_owned(),
            |since| format!("paused since {}", clock(since, zone)),
        );
        let mut row = vec![campaign.name.clone(), state];
        row.extend(numbers.map(|number| number.to_string()));
        rows.push(row);
    }
    show::table(&rows);
}

/// What became of the calls that a crash left over, if there were any.
fn left_over(now: &Snapshot) {
    if now.left_over > 0 {
        show::line(&format!(
            "calls left over from a crash: {} are being ended, their numbers are locked",
            now.left_over
        ));
    }
    if now.taken_down + now.not_taken_down > 0 {
        show::line(&format!(
            "calls left over from a crash: {} ended, {} not confirmed by the trunk",
            now.taken_down, now.not_taken_down
        ));
    }
}

/// The trunks of the running daemon, and what they last refused.
fn trunks(trunks: &[TrunkPicture], zone: chrono_tz::Tz) {
    let head = ["trunk", "state", "calls", "lines"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for trunk in trunks {
        let since = trunk.since.map(|since| format!(" since {}", clock(since, zone)));
        let state = match (trunk.standing, trunk.reason, trunk.resting_until) {
            (Standing::Down, Some(reason), _) => format!("down{}: {reason}", since.unwrap_or_default()),
            (Standing::Down, None, _) => "down".to_owned(),
            (Standing::Registering, ..) => "registering".to_owned(),
            (Standing::Up, _, Some(until)) => format!("resting until {}", clock(until, zone)),
            (Standing::Up, _, None) => format!("up{}", since.unwrap_or_default()),
        };
        rows.push(vec![
            trunk.name.clone(),
            state,
            trunk.calls.to_string(),
            trunk.lines.to_string(),
        ]);
    }
    show::table(&rows);
    for trunk in trunks {
        for alarm in &trunk.alarms {
            show::line(&format!(
                "alarm {} {}: {}",
                clock(alarm.at, zone),
                trunk.name,
                alarm.what
            ));
        }
    }
    show::line("");
}

/// Who called us: patients who saw our number, mostly.
fn call_backs(status: &store::Status, zone: chrono_tz::Tz) {
    show::line(&format!("calls to us today: {}", status.call_backs_today));
    if status.call_backs.is_empty() {
        return;
    }
    let head = ["called us", "number", "patient", "campaign", "case", "trunk"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for call in &status.call_backs {
        let last = call
            .last_disposition
            .map(|last| format!("{} {}", last.as_str(), last.zh()));
        let case = match (call.case, call.outcome) {
            (None, _) => String::new(),
            (Some(_), Some(outcome)) => format!("{} {}", outcome.as_str(), outcome.zh()),
            (Some(_), None) => format!("open, last {}", last.as_deref().unwrap_or("not called yet")),
        };
        rows.push(vec![
            clock(call.at, zone),
            call.number.clone().unwrap_or_else(|| "withheld".to_owned()),
            call.name.clone().unwrap_or_else(|| "unknown".to_owned()),
            call.campaign.clone().unwrap_or_default(),
            case,
            call.trunk.clone(),
        ]);
    }
    show::table(&rows);
}

fn clock(at: Wall, zone: chrono_tz::Tz) -> String {
    calendar::local(at, zone).format("%m-%d %H:%M:%S").to_string()
}

fn attempts(attempts: &[store::LastAttempt], zone: chrono_tz::Tz) {
    let head = ["attempt", "number", "trunk", "begun", "ended as", "rule"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for attempt in attempts {
        let ended = attempt.disposition.map_or_else(
            || "…".to_owned(),
            |disposition| format!("{} {}", disposition.as_str(), disposition.zh()),
        );
        rows.push(vec![
            attempt.attempt.to_string(),
            attempt.number.clone(),
            attempt.trunk.clone(),
            clock(attempt.begun_at, zone),
            ended,
            attempt.rule.clone().unwrap_or_default(),
        ]);
    }
    show::table(&rows);
}
