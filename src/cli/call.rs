//! `aftercall call`: one real call, told state by state.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;

use super::daemon::{self, Daemon};
use super::interrupt::{self, Interrupts};
use super::{runtime, settings, show};
use crate::call::Observed;
use crate::config::Settings;
use crate::dialplan::Answer;
use crate::engine::office::{CallLine, HandCallLines, HandCallRequest};
use crate::phone::Number;

/// Call one number now and tell what happens, state by state. Never counted in reports.
///
/// The call is real and recorded, over the trunk of the settings, whatever the hour. Ctrl-C hangs up. Try it with your own
/// phone first: aftercall call NUMBER --dialplan dialplans/inpatient-satisfaction.toml
#[derive(Debug, Args)]
pub(super) struct Call {
    /// The number as the trunk wants it dialed: digits, at most one + in front.
    #[arg(value_parser = Number::parse)]
    number: Number,
    /// The questionnaire.
    #[arg(long, value_name = "FILE")]
    dialplan: PathBuf,
    /// The trunk; the first one of the settings if none is named.
    #[arg(long, value_name = "NAME")]
    trunk: Option<String>,
    /// Lines of JSON.
    #[arg(long)]
    json: bool,
}

impl Call {
    pub(super) fn run(self, config: &Path) -> anyhow::Result<ExitCode> {
        let settings = Arc::new(settings(config)?);
        let text = std::fs::read_to_string(&self.dialplan)
            .with_context(|| format!("cannot read {}", self.dialplan.display()))?;
        let request = HandCallRequest {
            number: self.number.clone(),
            trunk: self.trunk.clone(),
            dialplan_file: self.dialplan.display().to_string(),
            dialplan_text: text,
        };
        runtime()?.block_on(self.make(&settings, request))
    }

    async fn make(&self, settings: &Arc<Settings>, request: HandCallRequest) -> anyhow::Result<ExitCode> {
        let mut interrupts = Interrupts::new()?;
        let mut teller = Teller {
            json: self.json,
            failed: None,
            data: settings.place.data.clone(),
        };
        let end = match daemon::find(settings).await? {
            Daemon::Running(client) => {
                let told = client.post_lines("/v1/calls", &request, |line: CallLine| teller.tell(&line));
                tokio::select! {
                    told = told => told.map(|()| End::Told)?,
                    // The closed connection tells the daemon to hang up.
                    () = interrupts.next() => End::HungUp,
                }
            }
            Daemon::Absent(office) => {
                let office = office.with_engine()?;
                let end = match office.call(request).await {
                    Ok(call) => Ok(follow(call, &mut teller, &mut interrupts).await),
                    Err(error) => Err(error),
                };
                office.close().await;
                end?
            }
        };
        match (end, teller.failed) {
            (End::HungUp, _) => {
                show::note("hung up; the attempt is written down as cancelled");
                Ok(ExitCode::from(interrupt::STATUS))
            }
            (End::Told, Some(why)) => bail!("{why}"),
            (End::Told, None) => Ok(ExitCode::SUCCESS),
        }
    }
}

/// How the telling of a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// With the call.
    Told,
    /// A person hung up.
    HungUp,
}

/// Tells the call to its end. Ctrl-C, or a reader of ours that went away, hangs up first.
async fn follow(mut call: HandCallLines, teller: &mut Teller, interrupts: &mut Interrupts) -> End {
    let mut end = End::Told;
    loop {
        let line = tokio::select! {
            line = call.lines.recv() => line,
            () = interrupts.next() => {
                end = End::HungUp;
                // If the order is not taken, closing the office ends the call all the same.
                if call.hang_up().is_err() { None } else { continue }
            }
        };
        let Some(line) = line else { return end };
        if teller.tell(&line).is_break() && call.hang_up().is_err() {
            return end;
        }
    }
}

struct Teller {
    json: bool,
    failed: Option<String>,
    data: PathBuf,
}

impl Teller {
    /// Breaks when nobody reads our output any more.
    fn tell(&mut self, line: &CallLine) -> ControlFlow<()> {
        if let CallLine::Failed(why) = line {
            self.failed = Some(why.clone());
        }
        let texts = if self.json {
            serde_json::to_string(line).into_iter().collect()
        } else {
            self.words(line)
        };
        if texts.iter().any(|text| show::try_line(text).is_err()) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    fn words(&self, line: &CallLine) -> Vec<String> {
        match line {
            CallLine::Warning(text) => {
                show::warn(text);
                Vec::new()
            }
            CallLine::Observed { observed, .. } => vec![words(observed)],
            CallLine::Ended {
                disposition,
                cause,
                rule,
                why,
                recording,
                ..
            } => {
                let mut texts = vec![format!(
                    "ended         {} ({cause}): {why} [{rule}]",
                    disposition.as_str()
                )];
                if let Some(recording) = recording {
                    texts.push(format!("recording     {}", self.data.join(recording).display()));
                }
                texts
            }
            CallLine::Failed(_) => Vec::new(),
        }
    }
}

fn words(observed: &Observed) -> String {
    match observed {
        Observed::NoPort => "no RTP port   all of rtp_ports in [media] are in use".to_owned(),
        Observed::Invited => "dialing       INVITE sent".to_owned(),
        Observed::Progressed {
            status,
            early_media: true,
        } => format!("progress      {status} with early media"),
        Observed::Progressed {
            status,
            early_media: false,
        } if *status == 180 => "ringing       180".to_owned(),
        Observed::Progressed { status, .. } => format!("progress      {status}"),
        Observed::Answered => "answered      200".to_owned(),
        Observed::Playing { prompt } => format!("playing       {prompt}"),
        Observed::KeyHeard { key, question } => {
            format!(
                "key           {key} at {}",
                question.as_deref().unwrap_or("no question")
            )
        }
        Observed::Heard(heard) => format!("answer        {} = {}", heard.question, answer(heard.answer)),
        Observed::BargedIn => "              the prompt was cut by the key".to_owned(),
        Observed::Held => "on hold       by the far end: prompts wait".to_owned(),
        Observed::Resumed => "off hold      prompts go on".to_owned(),
    }
}

fn answer(answer: Answer) -> String {
    match answer {
        Answer::Value(value) => value.to_string(),
        Answer::Refused => "not answered: refused (#)".to_owned(),
        Answer::Silent => "not answered: no key".to_owned(),
        Answer::Invalid => "not answered: only wrong keys".to_owned(),
    }
}
