//! What the far ends saw: every Call-ID with its keys and its end.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;

use anyhow::Context;
use serde::Deserialize;

/// A line of a far end's evidence.
#[derive(Debug, Deserialize)]
struct Line {
    what: String,
    #[serde(default)]
    call_id: String,
    #[serde(default)]
    number: String,
    #[serde(default)]
    key: Option<char>,
    #[serde(default)]
    prompt: String,
    wall: i64,
}

/// A key that a patient pressed.
#[derive(Clone, Debug)]
pub(crate) struct Pressed {
    pub(crate) key: char,
    pub(crate) prompt: String,
    pub(crate) at: i64,
}

/// One Call-ID at one far end. Times are milliseconds since 1970 by the clock of this machine.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) call_id: String,
    pub(crate) number: String,
    pub(crate) began: i64,
    pub(crate) over: Option<i64>,
    pub(crate) keys: Vec<Pressed>,
}

/// The evidence of one far end, read as it grows.
pub(crate) struct Evidence {
    file: PathBuf,
    read: u64,
    /// What follows the last whole line.
    rest: String,
    /// In the order of their first INVITEs.
    pub(crate) calls: Vec<Call>,
    by_call_id: BTreeMap<String, usize>,
}

impl Evidence {
    pub(crate) fn of(file: PathBuf) -> Self {
        Self {
            file,
            read: 0,
            rest: String::new(),
            calls: Vec::new(),
            by_call_id: BTreeMap::new(),
        }
    }

    /// Reads what was written since.
    pub(crate) fn refresh(&mut self) -> anyhow::Result<()> {
        let mut file = File::open(&self.file).with_context(|| format!("no evidence in {}", self.file.display()))?;
        file.seek(SeekFrom::Start(self.read))?;
        let mut fresh = Vec::new();
        self.read += u64::try_from(file.read_to_end(&mut fresh)?)?;
        self.rest += std::str::from_utf8(&fresh).context("evidence that is no text")?;
        let Some(end) = self.rest.rfind('\n') else {
            return Ok(());
        };
        let rest = self.rest.split_off(end + 1);
        let lines = std::mem::replace(&mut self.rest, rest);
        for line in lines.lines() {
            self.take(serde_json::from_str(line)?);
        }
        Ok(())
    }

    fn take(&mut self, line: Line) {
        if line.what == "invite" && !self.by_call_id.contains_key(&line.call_id) {
            self.by_call_id.insert(line.call_id.clone(), self.calls.len());
            self.calls.push(Call {
                call_id: line.call_id,
                number: line.number,
                began: line.wall,
                over: None,
                keys: Vec::new(),
            });
            return;
        }
        let Some(call) = self
            .by_call_id
            .get(&line.call_id)
            .and_then(|&call| self.calls.get_mut(call))
        else {
            return;
        };
        match (line.what.as_str(), line.key) {
            ("key", Some(key)) => call.keys.push(Pressed {
                key,
                prompt: line.prompt,
                at: line.wall,
            }),
            ("over", _) => call.over = call.over.or(Some(line.wall)),
            _ => {}
        }
    }

    /// Calls that are held now.
    pub(crate) fn held(&self) -> usize {
        self.calls.iter().filter(|call| call.over.is_none()).count()
    }
}
