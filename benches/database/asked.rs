//! What people ask at a screen, as long as they wait for it: `plan` and `why`, run as commands.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use aftercall::engine::population::CAMPAIGNS;
use aftercall::ids::CaseId;
use aftercall::store::Reader;
use anyhow::{Context, Result, ensure};

use super::now;

/// So many patients are asked about.
const ASKED: i64 = 20;

/// A folder with settings that name the data folder; gone at the end.
pub(crate) struct Desk(PathBuf);

impl Desk {
    pub(crate) fn at(data: &Path) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("aftercall-database-{}", std::process::id()));
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let settings = format!(
            "[place]\ndata = {data:?}\n\n[[trunk]]\nname = \"main\"\naddress = \"127.0.0.1\"\nlines = 60\npace = 10.0\n"
        );
        std::fs::write(folder.join("aftercall.toml"), settings)?;
        Ok(Self(folder))
    }

    /// How long a plan of the night takes, in seconds: one run, and the one without a limit of lines.
    pub(crate) fn plan(&self) -> Result<f64> {
        let mut arguments = vec!["plan", "--runs", "1", "--json"];
        arguments.extend(CAMPAIGNS.iter().flat_map(|name| ["--campaign", name]));
        self.run(&arguments)
    }

    /// How long the answer about a patient takes, in milliseconds: the middle one of several.
    pub(crate) async fn why(&self, reader: &Reader, cases: u64) -> Result<f64> {
        let step = i64::try_from(cases)? / ASKED;
        let cases: Vec<CaseId> = (1..=ASKED).map(|n| CaseId((n * step).max(1))).collect();
        let mut waited = Vec::new();
        for label in reader.case_labels(&cases).await?.values() {
            waited.push(self.run(&["why", &label.visit_no, "--json"])? * 1_000.0);
        }
        waited.sort_by(f64::total_cmp);
        waited.get(waited.len() / 2).copied().context("there are cases")
    }

    fn run(&self, arguments: &[&str]) -> Result<f64> {
        let began = now();
        let said = Command::new(env!("CARGO_BIN_EXE_aftercall"))
            .args(arguments)
            .current_dir(&self.0)
            .stdin(Stdio::null())
            .output()?;
        let took = began.elapsed().as_secs_f64();
        let words = String::from_utf8_lossy(&said.stderr);
        ensure!(said.status.success(), "{arguments:?}: {words}");
        Ok(took)
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        // A folder that cannot be removed is in the folder for temporary files.
        drop(std::fs::remove_dir_all(&self.0));
    }
}
