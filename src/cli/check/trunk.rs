//! `aftercall check --trunk NAME`: what the trunk was asked, what it said, and which setting to change.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use serde::Serialize;

use super::verdict::{self, Verdict};
use crate::cli::{runtime, show};
use crate::config::Settings;
use crate::engine::probe::{self, Entry, Outcome, Question, What};
use crate::sip::{Path, Transport};

/// How one trunk is to be asked and told of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner<'a> {
    pub(super) trunk: &'a str,
    pub(super) question: Option<Question>,
    pub(super) wait: Duration,
    pub(super) form: Form,
}

/// How it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Chinese,
    English,
    Json,
}

/// Everything as one line of JSON.
#[derive(Serialize)]
struct Whole<'a> {
    trunk: &'a str,
    asked: &'static str,
    local: String,
    targets: Vec<String>,
    messages: Vec<Message>,
    status: Option<u16>,
    notes: Vec<String>,
    verdict: &'a Verdict,
}

#[derive(Serialize)]
struct Message {
    at_ms: u128,
    transport: &'static str,
    peer: String,
    what: &'static str,
    text: Option<String>,
}

/// Asks, tells, and answers with 0 if calls may be expected to work.
pub(super) fn run(settings: &Settings, manner: Manner<'_>) -> anyhow::Result<ExitCode> {
    let Some((_, trunk)) = settings.trunk(manner.trunk) else {
        let names: Vec<&str> = settings.trunks.iter().map(|trunk| trunk.name.as_str()).collect();
        bail!(
            "there is no trunk named \"{}\" in the settings; expected one of {}",
            manner.trunk,
            names.join(", ")
        );
    };
    let tell = |entry: &Entry| {
        if manner.form != Form::Json {
            tell(entry);
        }
    };
    let report = runtime()?.block_on(probe::ask(settings, trunk, manner.question, manner.wait, tell))?;
    let verdict = verdict::of(trunk, &report);
    let notes = verdict::notes(&report);
    match manner.form {
        Form::Chinese => {
            notes.iter().for_each(|(zh, _)| show::line(&format!("注意：{zh}")));
            show::line(&format!("结论：{}", verdict.zh));
        }
        Form::English => {
            notes.iter().for_each(|(_, en)| show::line(&format!("note: {en}")));
            show::line(&format!("verdict: {}", verdict.en));
        }
        Form::Json => show::json(&Whole {
            trunk: manner.trunk,
            asked: match report.question {
                Question::Options => "OPTIONS",
                Question::Register => "REGISTER",
            },
            local: report.local.to_string(),
            targets: report.targets.iter().map(|target| target.address.to_string()).collect(),
            messages: report.entries.iter().map(message).collect(),
            status: match report.outcome {
                Outcome::Answered { status, .. } => Some(status),
                Outcome::Silence { .. } | Outcome::Refused | Outcome::NoName(_) => None,
            },
            notes: notes.into_iter().map(|(_, en)| en).collect(),
            verdict: &verdict,
        })?,
    }
    Ok(if verdict.ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn tell(entry: &Entry) {
    let (way, text) = match &entry.what {
        What::Sent(text) => ("->", Some(text)),
        What::SentAgain => ("-> (again)", None),
        What::Received(text) => ("<-", Some(text)),
        What::Refused => ("<- refused (ICMP or reset)", None),
        What::Closed => ("<- connection closed", None),
    };
    let at = entry.at.as_secs_f64();
    let Path { peer, .. } = entry.path;
    show::line(&format!("{at:>8.3} s  {way} {} {peer}", transport(entry.path)));
    for line in text.into_iter().flat_map(|text| text.lines()) {
        show::line(&format!("    {line}"));
    }
    if text.is_some() {
        show::line("");
    }
}

fn message(entry: &Entry) -> Message {
    let (what, text) = match &entry.what {
        What::Sent(text) => ("sent", Some(text)),
        What::SentAgain => ("sent_again", None),
        What::Received(text) => ("received", Some(text)),
        What::Refused => ("refused", None),
        What::Closed => ("closed", None),
    };
    Message {
        at_ms: entry.at.as_millis(),
        transport: transport(entry.path),
        peer: entry.path.peer.to_string(),
        what,
        text: text.cloned(),
    }
}

const fn transport(path: Path) -> &'static str {
    match path.transport {
        Transport::Udp => "UDP",
        Transport::Tcp => "TCP",
    }
}
