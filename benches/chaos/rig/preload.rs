//! Libraries that are preloaded into the daemon: compiled where they are used.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

/// Compiles a library of this name into a folder.
pub(crate) fn compile(name: &str, source: &str, folder: &Path) -> anyhow::Result<PathBuf> {
    let (text, library) = (folder.join(format!("{name}.c")), folder.join(format!("{name}.so")));
    fs::write(&text, source)?;
    let built = Command::new("cc")
        .args(["-std=gnu11", "-O1", "-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(&text)
        .args(["-ldl", "-lpthread"])
        .output()
        .context("cc is needed; scripts/setup chaos installs it")?;
    ensure!(built.status.success(), "cc: {}", String::from_utf8_lossy(&built.stderr));
    Ok(library)
}
