//! A folder of its own for every test, and the templates that are filled into it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::network::{self, Network};

/// Tests that have to share one network run one after the other.
static TURN: Mutex<()> = Mutex::new(());

/// A folder under target/tmp; removed at the end of a test that passed.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    _turn: Option<MutexGuard<'static, ()>>,
}

impl Folder {
    /// An empty folder of this name, and a network of its own. Where no test may have one, it waits until no other runs.
    pub(crate) fn new(name: &str) -> Self {
        let turn = match network::enter() {
            Network::Own => None,
            Network::Shared => Some(TURN.lock().unwrap_or_else(PoisonError::into_inner)),
        };
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers").join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self { path, _turn: turn }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A folder inside.
    pub(crate) fn inside(&self, name: &str) -> PathBuf {
        let path = self.path.join(name);
        fs::create_dir_all(&path).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// A template of tests/peers with every `@NAME@` filled in; fails when one is left.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut text = template.to_owned();
    for (name, value) in values {
        text = text.replace(&format!("@{name}@"), value);
    }
    let left = text
        .split('@')
        .skip(1)
        .step_by(1)
        .find(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_uppercase() || c == '_'));
    assert!(left.is_none(), "nothing fills @{}@", left.unwrap_or_default());
    text
}
