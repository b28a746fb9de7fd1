//! `aftercall far-end`: the simulated trunk full of patients, in the foreground.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow, bail};
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use super::interrupt::Interrupts;
use super::{runtime, show};
use crate::far_end::{self, Script, Settings};

const A_FIRST_SCRIPT: &str = "\
A first script:
  [far_end]
  default = \"completes\"
  [[behaviour]]
  name = \"completes\"
  ring = \"1s..3s\"
  keys = { \"goodbye-*\" = \"none\", default = \"1\" }
  [[behaviour]]
  name = \"busy\"
  numbers = \"138*\"
  status = 486
  reason = \"Q.850;cause=17\"

`aftercall far-end --print-demo` prints the demo's script, which shows everything that a patient can do.";

/// Simulate the other side: a trunk full of scripted patients, for tests and for trying out dialplans.
///
/// It takes real SIP over UDP and real RTP, and at every number of it is a patient who does what the
/// script says: answers and presses keys as the prompts ask, is busy, rings on, is switched off, hangs up at a question
/// … Patients know the prompts by ear. Point a `[[trunk]]` at its address and dial any number.
///
/// The log gets one line of JSON for each Call-ID when its call is over: status, prompts heard, keys pressed, packets,
/// pauses, and every mistake of the caller's SIP and RTP. It ends at SIGTERM or Ctrl-C with a summary. At SIGHUP it reads
/// its script again: calls that are up go on as they were, new ones meet the patients of the new script.
#[derive(Debug, Args)]
#[command(after_long_help = A_FIRST_SCRIPT)]
pub(super) struct FarEnd {
    /// Who is at which number, and what they do.
    #[arg(long, value_name = "FILE", required_unless_present = "print_demo")]
    script: Option<PathBuf>,
    /// Where the log goes; an earlier one there is replaced.
    #[arg(long, value_name = "FILE", required_unless_present = "print_demo")]
    log: Option<PathBuf>,
    /// Where every INVITE, key and end of a call is appended at once, with its time.
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
    /// Where it takes SIP over UDP; port 0 takes any free port. Each call gets an RTP port of its own.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:5070")]
    listen: SocketAddr,
    /// The prompts that patients know: a folder of 8 kHz mono 16-bit WAVs, or of folders of them.
    #[arg(long, value_name = "DIR", default_value = "prompts")]
    prompts: PathBuf,
    /// Print the script of the demo and end.
    #[arg(long)]
    print_demo: bool,
}

impl FarEnd {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let (script, log) = match (self.script, self.log) {
            _ if self.print_demo => {
                show::line(far_end::DEMO_SCRIPT.trim_end());
                return Ok(ExitCode::SUCCESS);
            }
            (Some(script), Some(log)) => (script, log),
            _ => bail!("--script and --log are needed"),
        };
        let settings = Settings {
            listen: self.listen,
            script: read(&script)?,
            log,
            evidence: self.evidence,
            prompts: Some(self.prompts),
        };
        runtime()?.block_on(serve(settings, &script))
    }
}

fn read(file: &Path) -> anyhow::Result<Script> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    Script::parse(&text).map_err(|faults| {
        for fault in &faults {
            show::note(&format!("{}:{fault}", file.display()));
        }
        anyhow!("{} cannot be used: {} faults", file.display(), faults.len())
    })
}

async fn serve(settings: Settings, script: &Path) -> anyhow::Result<ExitCode> {
    // Before the ready line, so that whoever waits for it may end us at once.
    let mut interrupts = Interrupts::new()?;
    let mut hang_ups = signal(SignalKind::hangup())?;
    let far_end = far_end::start(settings)?;
    show::line(&format!("listening on {}", far_end.local_addr()));
    show::note(&format!("its patients know {} prompts", far_end.prompts()));
    loop {
        tokio::select! {
            () = interrupts.next() => break,
            _ = hang_ups.recv() => match read(script) {
                Ok(script) => {
                    far_end.change_script(script);
                    show::line("reads its script again");
                }
                Err(error) => show::warn(&format!("{error:#}; the former script stays")),
            },
        }
    }
    let summary = tokio::task::spawn_blocking(|| far_end.stop()).await??;
    show::json(&summary)?;
    Ok(ExitCode::SUCCESS)
}
