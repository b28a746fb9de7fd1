//! `aftercall call`: one real call, told state by state.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;

use super::daemon::{self, Daemon};
use super::{runtime, settings, show};
use crate::call::Observed;
use crate::config::Settings;
use crate::engine::office::{CallLine, HandCallRequest};
use crate::phone::Number;

/// Call one number now with a questionnaire and tell what happens, state by state. The call is real and recorded; it is
/// never counted in reports.
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
        let mut teller = Teller {
            json: self.json,
            failed: None,
            data: settings.place.data.clone(),
        };
        match daemon::find(settings).await? {
            Daemon::Running(client) => {
                client
                    .post_lines("/v1/calls", &request, |line: CallLine| teller.tell(&line))
                    .await?;
            }
            Daemon::Absent(office) => {
                let office = office.with_engine()?;
                let mut lines = office.call(request).await?;
                while let Some(line) = lines.recv().await {
                    teller.tell(&line);
                }
                office.close().await;
            }
        }
        match teller.failed {
            Some(why) => bail!("{why}"),
            None => Ok(ExitCode::SUCCESS),
        }
    }
}

struct Teller {
    json: bool,
    failed: Option<String>,
    data: PathBuf,
}

impl Teller {
    fn tell(&mut self, line: &CallLine) {
        if let CallLine::Failed(why) = line {
            self.failed = Some(why.clone());
        }
        if self.json {
            if show::json(line).is_err() {
                self.failed = Some("the line cannot be written as JSON".to_owned());
            }
            return;
        }
        match line {
            CallLine::Warning(text) => show::warn(text),
            CallLine::Observed { observed, .. } => show::line(&words(observed)),
            CallLine::Ended {
                disposition,
                cause,
                rule,
                why,
                recording,
                ..
            } => {
                show::line(&format!(
                    "ended         {} ({cause}): {why} [{rule}]",
                    disposition.as_str()
                ));
                if disposition.is_answered() {
                    show::line(&format!("recording     {}", self.data.join(recording).display()));
                }
            }
            CallLine::Failed(_) => {}
        }
    }
}

fn words(observed: &Observed) -> String {
    match observed {
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
        Observed::Heard(heard) => format!("answer        {} = {:?}", heard.question, heard.answer),
        Observed::BargedIn => "              the prompt was cut by the key".to_owned(),
    }
}
