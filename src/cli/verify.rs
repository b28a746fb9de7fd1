//! `aftercall verify`: whether an evidence bundle is as it was sealed.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::show;
use crate::proof;

/// Verify an evidence bundle: every file, the signature, and that nothing was added.
///
/// It needs neither a daemon nor a network. The fingerprint that it prints must be the one that the hospital has published:
/// a bundle that somebody else has sealed verifies, too, but with another one. `VERIFY.txt` in the bundle says how to do the
/// same with openssl and sha256sum.
///
/// Exit status: 0 as it was sealed, 1 something is wrong with it or it cannot be read.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The bundle, a .zip.
    file: PathBuf,
    /// The fingerprint that is expected; another one counts as wrong.
    #[arg(long, value_name = "SHA256")]
    fingerprint: Option<String>,
}

impl Verify {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let verdict = proof::verify(&self.file)?;
        let mut wrong: Vec<String> = verdict.findings.iter().map(proof::Finding::text).collect();
        let shown = verdict.fingerprint.as_deref().unwrap_or("-");
        if let Some(expected) = self
            .fingerprint
            .filter(|expected| !expected.eq_ignore_ascii_case(shown))
        {
            wrong.push(format!("公钥指纹不符 / the key is not the one expected ({expected})"));
        }
        show::line(&format!("文件 files        {}", verdict.files));
        show::line(&format!("公钥指纹 key      {shown}"));
        if wrong.is_empty() {
            show::line("结论 verdict      证据完整，未被改动 / whole and unchanged");
            return Ok(ExitCode::SUCCESS);
        }
        for line in wrong {
            show::line(&format!("✗ {line}"));
        }
        show::line("结论 verdict      证据不可信 / not to be trusted");
        Ok(ExitCode::FAILURE)
    }
}
